import { isApiError } from '../../sdk/api/errors.js';
import { SERVER_USER } from '../request-user.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import type { CustomResourceDefinition } from './custom-resource-definition.js';
import { CLEANUP_FINALIZER, findCondition } from './custom-resource-definition.js';
import type { DefinitionStatus } from './definition-status.js';
import type { ServedDefinitions } from './served-definitions.js';

/** Deleted at once: the store commits them together. */
const PAGE = 100;

export interface InstanceRemovalOptions {
  readonly definitions: Pick<ServedDefinitions, 'kindOf'>;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly status: DefinitionStatus;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Ends the objects of a definition that is being deleted, then lets the definition go. */
export class InstanceRemoval {
  readonly #options: InstanceRemovalOptions;

  constructor(options: InstanceRemovalOptions) {
    this.#options = options;
  }

  /** True when the definition was let go; false while objects are there, kept by finalizers. */
  async remove(definition: CustomResourceDefinition): Promise<boolean> {
    const { status, now } = this.#options;
    if (definition.metadata.finalizers?.includes(CLEANUP_FINALIZER) !== true) return true;
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
      return true;
    }
    if (!(await this.#deleteAll(definition.metadata.name))) return false;
    await status.release(definition);
    return true;
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

  async #deleteAll(resource: string): Promise<boolean> {
    const { definitions, store } = this.#options;
    const kind = definitions.kindOf(resource);
    // Never served: there cannot be any.
    if (kind === undefined) return true;
    for (let after: Pick<StoredObject, 'namespace' | 'name'> | undefined; ;) {
      const list = await store.list(kind, { limit: PAGE, ...(after && { after }) });
      await Promise.all(list.items.map((item) => this.#delete(item)));
      after = list.next;
      if (after === undefined) break;
    }
    return (await store.list(kind, { limit: 1 })).items.length === 0;
  }

  async #delete({ resource, namespace, name, uid }: StoredObject): Promise<void> {
    const { definitions, service } = this.#options;
    const kind = definitions.kindOf(resource);
    if (kind === undefined) return;
    await service
      .delete(
        { kind, namespace, name },
        {
          user: SERVER_USER,
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
