import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { objectModified } from '../api-errors.js';
import { serverUser } from '../request-user.js';
import type { ResourceService } from '../resource-service.js';
import type { ListOptions, ObjectStore, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import {
  CLEANUP_FINALIZER,
  DEFINITIONS,
  findCondition,
} from '../../sdk/api/custom-resource-definition.js';
import type { DefinitionStatus } from './definition-status.js';
import type { ServedDefinitions } from './served-definitions.js';

/** Deleted at once: the store commits them together. */
const PAGE = 100;

export interface InstanceRemovalOptions {
  readonly registry: Pick<KindRegistry, 'resource'>;
  readonly definitions: Pick<ServedDefinitions, 'kindOf'>;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly status: DefinitionStatus;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `more`: there are objects to end. `held`: those left wait for their finalizers. */
export type RemovalProgress = 'done' | 'more' | 'held';

/** Ends the objects of a definition that is being deleted, then lets the definition go. */
export class InstanceRemoval {
  readonly #options: InstanceRemovalOptions;
  /** By definition: the object after which to go on. */
  readonly #places = new Map<string, NonNullable<ListOptions['after']>>();

  constructor(options: InstanceRemovalOptions) {
    this.#options = options;
  }

  /** Does a small part of it. `done`: the definition was let go, or what is next follows a write. */
  async step(definition: CustomResourceDefinition): Promise<RemovalProgress> {
    const { status, now, definitions } = this.#options;
    const { name, finalizers = [] } = definition.metadata;
    if (!finalizers.includes(CLEANUP_FINALIZER)) return 'done';
    if (findCondition(definition, 'Terminating')?.status !== 'True') {
      await status.write(definition, {
        conditions: [
          ...(definition.status?.conditions ?? []),
          {
            type: 'Terminating',
            status: 'True',
            reason: 'InstanceDeletionInProgress',
            message: 'CustomResource deletion is in progress',
            lastTransitionTime: timestampOf(now()),
          },
        ],
      });
      // That write comes down the log; what follows is done to the definition as it is then.
      return 'done';
    }
    const kind = definitions.kindOf(name);
    // Never served: there cannot be any.
    const progress = kind === undefined ? 'done' : await this.#deletePage(kind, definition);
    if (progress === 'done') await status.release(definition);
    return progress;
  }

  /** Drops objects that are older than the definition: they belong to an earlier one of its name. */
  async purge(definition: CustomResourceDefinition): Promise<void> {
    const { definitions, store } = this.#options;
    const kind = definitions.kindOf(definition.metadata.name);
    if (kind === undefined) return;
    for (;;) {
      const { items } = await store.list(kind, { limit: PAGE });
      // The definition's own version is newer than that of its creation: nothing of it is served yet.
      const strays = items.filter(
        ({ resourceVersion }) => resourceVersion < Number(definition.metadata.resourceVersion),
      );
      if (strays.length === 0) return;
      await Promise.all(
        strays.map(({ uid, resourceVersion }) =>
          store
            .write({ type: 'delete', kind, uid, expectedResourceVersion: resourceVersion })
            .catch(ignoreGone),
        ),
      );
    }
  }

  async #deletePage(
    kind: KindDefinition,
    definition: CustomResourceDefinition,
  ): Promise<RemovalProgress> {
    const { store } = this.#options;
    const { name } = definition.metadata;
    const after = this.#places.get(name);
    const { items, next } = await store.list(kind, { limit: PAGE, ...(after && { after }) });
    if (items.length > 0) {
      await this.#assertNewest(definition);
      await Promise.all(items.map((item) => this.#delete(item)));
    }
    if (next === undefined) this.#places.delete(name);
    else this.#places.set(name, next);
    if (next !== undefined) return 'more';
    return (await store.list(kind, { limit: 1 })).items.length === 0 ? 'done' : 'held';
  }

  /**
   * What was listed before this belongs to this very definition: another server may have ended it, and
   * somebody made it again, with objects that are to stay.
   */
  async #assertNewest({ metadata }: CustomResourceDefinition): Promise<void> {
    const { store, registry } = this.#options;
    const kind = registry.resource(DEFINITIONS);
    const stored = await store.get(kind, '', metadata.name);
    if (stored?.uid === metadata.uid) return;
    this.#places.delete(metadata.name);
    throw objectModified(kind, metadata.name);
  }

  async #delete({ resource, namespace, name, uid }: StoredObject): Promise<void> {
    const { definitions, service } = this.#options;
    const kind = definitions.kindOf(resource);
    if (kind === undefined) return;
    await service
      .delete(
        { kind, namespace, name },
        {
          user: serverUser('custom-resource-removal'),
          dryRun: false,
          propagationPolicy: 'Background',
          preconditions: { uid },
        },
      )
      .catch(ignoreGone);
  }
}

/** Another server was quicker, or something holds the object: its end is told of by the log. */
function ignoreGone(error: unknown): void {
  if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
}
