import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { objectForbidden, objectNotFound } from '../api-errors.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';

const MAX_REMEMBERED = 10_000;

/**
 * Lets objects into namespaces that are there to stay. Those it has seen are remembered once the log
 * is read to it (`observe`), so that a create mostly asks nobody; content that comes into a namespace
 * which another process has just deleted is swept up later.
 */
export class NamespaceGate {
  readonly #registry: KindRegistry;
  readonly #store: Pick<ObjectStore, 'get' | 'recallNamed'>;
  readonly #open = new Set<string>();
  #isFollowing = false;
  /** Counts what was forgotten: what was read before may be older than that. */
  #forgotten = 0;

  constructor(options: {
    registry: KindRegistry;
    store: Pick<ObjectStore, 'get' | 'recallNamed'>;
  }) {
    this.#registry = options.registry;
    this.#store = options.store;
  }

  /** @throws ApiError NotFound or Forbidden unless the object's namespace is there to stay. */
  async assertOpen(kind: KindDefinition, { metadata }: ApiObject): Promise<void> {
    const namespaces = this.#registry.findResource('namespaces');
    if (!kind.namespaced || namespaces === undefined) return;
    const { namespace = '', name } = metadata;
    const recalled = this.#store.recallNamed(namespaces, '', namespace);
    if (recalled === undefined && this.#open.has(namespace)) return;
    const before = this.#forgotten;
    const stored = recalled ?? (await this.#store.get(namespaces, '', namespace));
    if (stored === undefined) throw objectNotFound(namespaces, namespace);
    if (isEnding(stored)) throw terminating(kind, name, namespace);
    if (this.#isFollowing && before === this.#forgotten) this.#remember(namespace);
  }

  /** Takes entries of the log, in order and without a gap. */
  observe(revisions: readonly Revision[]): void {
    this.#isFollowing = true;
    for (const { object } of revisions) {
      if (object.resource !== NAMESPACES) continue;
      this.#forgotten += 1;
      this.#open.delete(object.name);
    }
  }

  /** The log has a gap. */
  forgetAll(): void {
    this.#forgotten += 1;
    this.#open.clear();
  }

  #remember(namespace: string): void {
    if (this.#open.size >= MAX_REMEMBERED) this.#open.clear();
    this.#open.add(namespace);
  }
}

const NAMESPACES = resourceName({ group: '', plural: 'namespaces' });

function isEnding({ json }: StoredObject): boolean {
  // Most say nothing of an end: they need not be parsed.
  return json.includes('"deletionTimestamp"') && isBeingDeleted(JSON.parse(json) as ApiObject);
}

function terminating(kind: KindDefinition, name: string, namespace: string): Error {
  const message = `namespace ${namespace} is being terminated`;
  return objectForbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
  );
}
