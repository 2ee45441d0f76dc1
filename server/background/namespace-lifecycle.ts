import type { Condition } from '../../sdk/api/condition.js';
import { isAlreadyExists, isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { isJsonObject } from '../apply/json-object.js';
import { serverUser } from '../request-user.js';
import { NAMESPACE_FINALIZER } from '../resource/core-admission.js';
import type { WriteOptions } from '../resource/write-request.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import { LogFollower } from './log-follower.js';
import {
  namespaceConditions,
  withTransitionTimes,
  type RemainingContent,
} from './namespace-conditions.js';
import { removeContent } from './namespace-content.js';

const RETRY_MS = 5_000;
const MAX_ATTEMPTS = 5;
const WRITE_OPTIONS: WriteOptions = {
  user: serverUser('namespace-lifecycle'),
  fieldManager: 'namespace-lifecycle',
  fieldValidation: 'Ignore',
  dryRun: false,
};

export interface NamespaceLifecycleOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly logger: Logger;
  /** Made at start when they are not there. */
  readonly permanentNamespaces: readonly string[];
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/** A namespace that is to end. */
interface Terminating {
  readonly uid: string;
  /** Resources that may have something in it; undefined: any may. */
  left: Set<string> | undefined;
  isDue: boolean;
}

/**
 * Makes the permanent namespaces, and ends those that were deleted: first their content, then they
 * themselves; their conditions say what is left meanwhile. Any number of servers may do this at once.
 * Nothing to do without a Namespace kind.
 *
 * A create that found its namespace alive may still be committed after the content was counted: see
 * StrayContent.
 */
export class NamespaceLifecycle implements Part {
  readonly #options: NamespaceLifecycleOptions;
  readonly #now: () => number;
  readonly #follower: LogFollower;
  readonly #terminating = new Map<string, Terminating>();
  #isListed = false;
  #lookedAtMs = 0;

  constructor(options: NamespaceLifecycleOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#follower = new LogFollower({
      store: options.store,
      logger: options.logger,
      follower: 'namespace lifecycle',
      handle: (revisions, signal) => this.#handle(revisions, signal),
      resync: async () => {
        this.#terminating.clear();
        this.#isListed = false;
      },
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const namespaces = this.#kind();
    if (namespaces === undefined) return;
    for (const name of this.#options.permanentNamespaces) {
      signal.throwIfAborted();
      await this.#ensure(namespaces, name);
    }
    await this.#follower.start(signal);
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  #kind(): KindDefinition | undefined {
    return this.#options.registry.findResource('namespaces');
  }

  async #ensure(kind: KindDefinition, name: string): Promise<void> {
    const { service, store } = this.#options;
    if ((await store.get(kind, '', name)) !== undefined) return;
    const target = { kind, namespace: '', name: '' };
    try {
      await service.create(target, { metadata: { name } }, WRITE_OPTIONS);
    } catch (error) {
      // Another server was quicker.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #handle(revisions: readonly Revision[], signal: AbortSignal): Promise<number | undefined> {
    if (!this.#isListed) await this.#listTerminating();
    for (const revision of revisions) this.#observe(revision);
    const isTime = this.#now() - this.#lookedAtMs >= RETRY_MS;
    if (isTime) this.#lookedAtMs = this.#now();
    for (const [name, namespace] of this.#terminating) {
      signal.throwIfAborted();
      if (!namespace.isDue && !isTime) continue;
      await this.#drain(name, namespace, signal);
      namespace.isDue = false;
    }
    return this.#terminating.size > 0 ? RETRY_MS : undefined;
  }

  async #listTerminating(): Promise<void> {
    const kind = this.#kind();
    if (kind === undefined) return;
    const { items } = await this.#options.store.list(kind, {});
    for (const item of items) this.#noteTerminating(item);
    this.#isListed = true;
  }

  #observe({ type, object }: Revision): void {
    if (object.resource === 'namespaces') {
      if (type === 'DELETED') this.#forget(object);
      else this.#noteTerminating(object);
      return;
    }
    const namespace = this.#terminating.get(object.namespace);
    // What changes meanwhile is looked at from time to time.
    if (namespace === undefined || type === 'MODIFIED') return;
    namespace.left?.add(object.resource);
    namespace.isDue = true;
  }

  #noteTerminating({ name, uid, json }: StoredObject): void {
    if (!isBeingDeleted(JSON.parse(json) as ApiObject)) return;
    if (this.#terminating.get(name)?.uid === uid) return;
    this.#terminating.set(name, { uid, left: undefined, isDue: true });
  }

  #forget({ name, uid }: StoredObject): void {
    if (this.#terminating.get(name)?.uid === uid) this.#terminating.delete(name);
  }

  /** False when it has ended: what is there under its name now is another's. */
  async #isStillThere(name: string, { uid }: Terminating): Promise<boolean> {
    const { registry, store } = this.#options;
    const stored = await store.get(registry.resource('namespaces'), '', name);
    return stored?.uid === uid;
  }

  async #drain(name: string, namespace: Terminating, signal: AbortSignal): Promise<void> {
    let remaining = await this.#removeContent(name, namespace, signal);
    if (remaining.length === 0 && namespace.left !== undefined) {
      // All that is known to be left has gone: that nothing else is there is seen only by looking.
      namespace.left = undefined;
      remaining = await this.#removeContent(name, namespace, signal);
    }
    namespace.left = new Set(remaining.map(resourceName));
    await this.#tell(name, namespace, remaining);
    if (remaining.length === 0) await this.#finish(name, namespace);
  }

  /** Asks for the end of everything that may be in the namespace; answers the kinds of what is left. */
  async #removeContent(
    name: string,
    namespace: Terminating,
    signal: AbortSignal,
  ): Promise<RemainingContent[]> {
    const { left } = namespace;
    const isStillThere = (): Promise<boolean> => this.#isStillThere(name, namespace);
    const remaining: RemainingContent[] = [];
    for (const kind of this.#options.registry.list()) {
      if (!kind.namespaced || left?.has(resourceName(kind)) === false) continue;
      const content = await removeContent({ ...this.#options, isStillThere }, kind, name, signal);
      if (content.count > 0) remaining.push(content);
    }
    return remaining;
  }

  /** Says in the namespace's status what is left in it. An empty one says nothing new. */
  async #tell(
    name: string,
    { uid }: Terminating,
    remaining: readonly RemainingContent[],
  ): Promise<void> {
    await this.#change(name, uid, 'status', (namespace) => {
      const status = isJsonObject(namespace.status) ? namespace.status : {};
      const before = (status['conditions'] ?? []) as readonly Condition[];
      if (remaining.length === 0 && before.length === 0) return undefined;
      const now = timestampOf(this.#now());
      const conditions = withTransitionTimes(before, namespaceConditions(remaining), now);
      return { ...namespace, status: { ...status, conditions } };
    });
  }

  async #finish(name: string, { uid }: Terminating): Promise<void> {
    await this.#change(name, uid, 'finalize', (namespace) => {
      const spec = isJsonObject(namespace.spec) ? namespace.spec : {};
      const held = Array.isArray(spec['finalizers']) ? (spec['finalizers'] as unknown[]) : [];
      if (!held.includes(NAMESPACE_FINALIZER)) return undefined;
      const finalizers = held.filter((one) => one !== NAMESPACE_FINALIZER);
      return { ...namespace, spec: { ...spec, finalizers } };
    });
  }

  /** Nothing happens to a namespace that is gone. `change` may be called more than once. */
  async #change(
    name: string,
    uid: string,
    subresource: 'status' | 'finalize',
    change: (namespace: ApiObject) => ApiObject | undefined,
  ): Promise<void> {
    const kind = this.#kind();
    if (kind === undefined) return;
    const { service } = this.#options;
    const target = { kind, namespace: '', name };
    for (let attempt = 1; ; attempt++) {
      try {
        const stored = await service.get(target);
        if (stored.uid !== uid) return;
        const next = change(JSON.parse(stored.json) as ApiObject);
        if (next !== undefined) await service.update(target, subresource, next, WRITE_OPTIONS);
        return;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return;
        // Another server does the same just now.
        if (!isApiError(error, 'Conflict') || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }
}
