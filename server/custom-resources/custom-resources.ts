import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { LogFollower } from '../background/log-follower.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, Revision } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import type { WatchTail } from '../watch/watch-tail.js';
import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from '../../sdk/api/custom-resource-definition.js';
import { DEFINITIONS, isTrue } from '../../sdk/api/custom-resource-definition.js';
import { DefinitionStatus } from './definition-status.js';
import { InstanceRemoval } from './instance-removal.js';
import type { RowMigration } from './row-migration.js';
import type { ServedDefinitions } from './served-definitions.js';
import { WorkBegin } from './work-begin.js';

const RETRY_MS = 1_000;
/** Few at once: each takes a connection for a moment, which others want as well. */
const BATCH = 8;
/** Another server may not know yet of a change that this one knows: what it writes is looked at then. */
const SETTLED_AFTER_MS = 5_000;

export interface CustomResourcesOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly tail: WatchTail;
  readonly definitions: ServedDefinitions;
  /** Stopped with this. */
  readonly migration: RowMigration;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long after a change every server knows of it. Default 5,000. */
  readonly settledAfterMs?: number;
}

/**
 * Makes the kinds of CustomResourceDefinitions served as they come, change and go, on this server;
 * writes what became of them, and ends the objects of those that are deleted. Every server does all
 * of that: what another was quicker with is not done again.
 */
export class CustomResources implements Part {
  readonly #options: CustomResourcesOptions;
  readonly #status: DefinitionStatus;
  readonly #removal: InstanceRemoval;
  readonly #workBegin: WorkBegin;
  /** After the watches: they are to see the end of objects before that of their kind. */
  readonly #follower: LogFollower;
  /** Names of definitions to look at. */
  readonly #due = new Set<string>();
  /** Those to look at again after a pause. */
  readonly #waiting = new Set<string>();
  readonly #reindexDue = new Set<string>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  #retriedAtMs = 0;
  #isRunning = false;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    const { service, registry, tail, logger } = options;
    this.#status = new DefinitionStatus({ service, registry });
    this.#removal = new InstanceRemoval({ ...options, status: this.#status });
    this.#workBegin = new WorkBegin(options.store);
    this.#follower = new LogFollower({
      store: tail,
      logger,
      follower: 'custom resources',
      place: { read: () => this.#begin() },
      handle: (revisions) => this.#handle(revisions),
      // There is a gap: what changed in it is seen in the list.
      resync: () => this.#load(),
    });
  }

  /** Waits until every kind is served. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#options.registry.findResource(DEFINITIONS) === undefined) return;
    await this.#follower.start(signal);
    this.#isRunning = true;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#follower.stop();
    for (const timer of this.#settling.values()) clearTimeout(timer);
    await this.#options.migration.stop();
  }

  /**
   * Serves a kind that another server established a moment ago, if there is such a one: for a request
   * that names what is not known here yet. True when it is served now.
   */
  async catchUp(group: string, plural: string): Promise<boolean> {
    const { registry, store, definitions } = this.#options;
    const kind = registry.findResource(DEFINITIONS);
    const name = `${plural}.${group}`;
    if (!this.#isRunning || kind === undefined || !/^[a-z0-9.-]{3,253}$/.test(name)) return false;
    const stored = await store.get(kind, '', name);
    if (stored === undefined) return false;
    this.#mark(definitions.note(stored));
    const definition = definitions.get(name);
    if (definition === undefined || !isTrue(definition, 'Established')) return false;
    await this.#refresh([name]);
    return definitions.kindOf(name) !== undefined;
  }

  async #begin(): Promise<number> {
    const version = await this.#options.tail.currentVersion();
    await this.#load();
    return version;
  }

  async #load(): Promise<void> {
    const { definitions } = this.#options;
    for (const name of await definitions.load()) this.#reindexDue.add(name);
    this.#mark(definitions.names());
  }

  /** A few of those that are due: what comes meanwhile has its turn soon. */
  async #handle(revisions: readonly Revision[]): Promise<number | undefined> {
    for (const revision of revisions) this.#observe(revision);
    const { now } = this.#options;
    if (now() - this.#retriedAtMs >= RETRY_MS) {
      this.#retriedAtMs = now();
      this.#mark(this.#waiting);
      this.#waiting.clear();
    }
    await this.#look([...this.#due].slice(0, BATCH));
    if (this.#due.size > 0) return 0;
    return this.#waiting.size > 0 ? RETRY_MS : undefined;
  }

  #observe({ type, object }: Revision): void {
    const { definitions } = this.#options;
    if (object.resource === DEFINITIONS) {
      this.#mark([object.name]);
      this.#mark(type === 'DELETED' ? definitions.forget(object) : definitions.note(object));
    } else if (type === 'DELETED') {
      // The last object of a kind that is to go may have gone.
      const definition = definitions.get(object.resource);
      if (definition !== undefined && isBeingDeleted(definition)) this.#mark([object.resource]);
    }
  }

  #mark(names: Iterable<string>): void {
    for (const name of names) this.#due.add(name);
  }

  async #look(names: readonly string[]): Promise<void> {
    for (const name of names) this.#due.delete(name);
    try {
      await this.#refresh(names);
    } catch (error) {
      for (const name of names) this.#failed(name, error);
      return;
    }
    await Promise.all(
      names.map((name) =>
        this.#reconcile(name).catch((error: unknown) => this.#failed(name, error)),
      ),
    );
  }

  async #refresh(names: readonly string[]): Promise<void> {
    for (const name of await this.#options.definitions.refresh(names)) this.#reindexDue.add(name);
  }

  #failed(name: string, error: unknown): void {
    // Somebody else wrote it: that comes down the log, and with it the next look.
    if (isApiError(error, 'Conflict') || isApiError(error, 'NotFound')) return;
    this.#options.logger.warn('cannot serve a custom resource definition yet', {
      definition: name,
      error: errorChain(error),
    });
    this.#waiting.add(name);
  }

  async #reconcile(name: string): Promise<void> {
    const { definitions } = this.#options;
    const definition = definitions.get(name);
    if (definition === undefined) return;
    if (isBeingDeleted(definition)) {
      const progress = await this.#removal.step(definition);
      if (progress === 'more') this.#due.add(name);
      if (progress === 'held') this.#waiting.add(name);
      return;
    }
    const { names, namesAccepted, established } = definitions.decide(definition);
    const isNew = established.status === 'True' && !isTrue(definition, 'Established');
    // Left behind by a server that had not heard of the end of an earlier definition of the name.
    if (isNew) await this.#removal.purge(definition);
    const kind = definitions.kindOf(name);
    await this.#workBegin.first(definition, kind);
    const decided = [namesAccepted, established, ...this.#workBegin.ended(definition, kind)];
    await this.#status.write(definition, {
      acceptedNames: names,
      conditions: this.#withTimes(definition, decided),
    });
    this.#settleLater(definition, kind);
  }

  /** What is to be done once every server works by this definition. */
  #settleLater(definition: CustomResourceDefinition, kind: KindDefinition | undefined): void {
    const { settledAfterMs = SETTLED_AFTER_MS } = this.#options;
    const { name } = definition.metadata;
    const isMigrated = (definition.status?.storedVersions ?? []).length <= 1;
    const isDue = this.#reindexDue.has(name) || this.#workBegin.isDue(definition, kind);
    if (isMigrated && !isDue) return;
    clearTimeout(this.#settling.get(name));
    this.#settling.set(
      name,
      setTimeout(() => {
        this.#settling.delete(name);
        void this.#options.migration
          .run(name, () => this.#settle(name))
          .catch((error: unknown) => this.#failed(name, error));
      }, settledAfterMs).unref(),
    );
  }

  async #settle(name: string): Promise<void> {
    const { definitions } = this.#options;
    if (this.#reindexDue.delete(name)) await definitions.reindex(name);
    const definition = definitions.get(name);
    if (definition === undefined) return;
    const kind = definitions.kindOf(name);
    if (kind !== undefined && this.#workBegin.isDue(definition, kind)) {
      const begun = await this.#workBegin.again(kind);
      const conditions = this.#withTimes(definition, [begun]);
      // What follows is done to the definition as it is then.
      return this.#status.write(definition, { conditions });
    }
    if (!(await this.#options.migration.migrate(definition))) return;
    const storage = definition.spec.versions.find((version) => version.storage);
    await this.#status.write(definition, { storedVersions: [storage?.name ?? ''] });
  }

  #withTimes(
    definition: CustomResourceDefinition,
    decided: readonly DefinitionCondition[],
  ): DefinitionCondition[] {
    const conditions = [...(definition.status?.conditions ?? [])];
    for (const condition of decided) {
      const index = conditions.findIndex(({ type }) => type === condition.type);
      const before = conditions[index];
      const lastTransitionTime =
        before?.status === condition.status
          ? before.lastTransitionTime
          : timestampOf(this.#options.now());
      const next = {
        ...condition,
        ...(lastTransitionTime !== undefined && { lastTransitionTime }),
      };
      if (index < 0) conditions.push(next);
      else conditions[index] = next;
    }
    return conditions;
  }
}
