import { isApiError } from '../../sdk/api/errors.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { TailListener } from '../watch/watch-fanout.js';
import type { WatchTail } from '../watch/watch-tail.js';
import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from './custom-resource-definition.js';
import { DEFINITIONS, isTrue } from './custom-resource-definition.js';
import { DefinitionStatus } from './definition-status.js';
import { InstanceRemoval } from './instance-removal.js';
import type { RowMigration } from './row-migration.js';
import type { ServedDefinitions } from './served-definitions.js';

const RETRY_MS = 1_000;
const BATCH = 32;
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
  readonly #dirty = new Set<string>();
  readonly #reindexDue = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #listener: TailListener = {
    events: ({ events }) => events.forEach((event) => this.#observe(event)),
    overtaken: () => this.#followAgain(),
    expired: () => this.#followAgain(),
  };
  #running: Promise<void> | undefined;
  #stopped = true;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    const { service, registry } = options;
    this.#status = new DefinitionStatus({ service, registry });
    this.#removal = new InstanceRemoval({ ...options, status: this.#status });
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#options.registry.findResource(DEFINITIONS) === undefined) return;
    this.#stopped = false;
    await this.#follow();
    signal.throwIfAborted();
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.tail.leave(this.#listener);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.#running;
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
    if (this.#stopped || kind === undefined || !/^[a-z0-9.-]{3,253}$/.test(name)) return false;
    const stored = await store.get(kind, '', name);
    if (stored === undefined) return false;
    if (definitions.note(stored)) this.#mark(name);
    const definition = definitions.get(name);
    if (definition === undefined || !isTrue(definition, 'Established')) return false;
    await this.#refresh([name]);
    return definitions.kindOf(name) !== undefined;
  }

  async #follow(): Promise<void> {
    const { tail, definitions } = this.#options;
    // Joins at the newest version known, so nothing falls between the stream and the list.
    tail.join(tail.head, this.#listener);
    await definitions.load();
    for (const name of definitions.names()) this.#dirty.add(name);
  }

  /** There is a gap in the stream: what changed in it is seen in the list. */
  #followAgain(): void {
    if (this.#stopped) return;
    this.#follow().then(
      () => this.#wake(),
      (error: unknown) => {
        this.#options.logger.warn('cannot list definitions', { error: errorChain(error) });
        this.#options.tail.leave(this.#listener);
        this.#timers.set('', setTimeout(() => this.#followAgain(), RETRY_MS).unref());
      },
    );
  }

  #observe(event: WatchEvent): void {
    const { definitions, registry } = this.#options;
    if (event.resource !== DEFINITIONS) {
      // The last object of a kind that is to go may have gone.
      if (event.type !== 'DELETED') return;
      const definition = definitions.get(event.resource);
      if (definition !== undefined && isBeingDeleted(definition)) this.#mark(event.resource);
      return;
    }
    const kind = registry.findResource(DEFINITIONS);
    if (kind === undefined) return;
    const { group } = event.object(kind).spec as { group: string };
    if (event.type === 'DELETED') definitions.forget(event);
    else definitions.note(event.stored(kind));
    this.#mark(event.name);
    // A name that is free now may be what another one waits for.
    for (const other of definitions.ofGroup(group)) {
      if (!isTrue(other, 'NamesAccepted')) this.#mark(other.metadata.name);
    }
  }

  #mark(name: string): void {
    this.#dirty.add(name);
    this.#wake();
  }

  #wake(): void {
    if (this.#stopped || this.#running !== undefined) return;
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#dirty.size > 0) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    // At a start all of them: tables are made together, and the writes of a batch share a commit.
    while (this.#dirty.size > 0 && !this.#stopped) {
      const names = [...this.#dirty].slice(0, BATCH);
      for (const name of names) this.#dirty.delete(name);
      try {
        await this.#refresh(names);
      } catch (error) {
        for (const name of names) this.#failed(name, error);
        continue;
      }
      await Promise.all(
        names.map((name) =>
          this.#reconcile(name).catch((error: unknown) => this.#failed(name, error)),
        ),
      );
    }
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
    this.#later(`retry ${name}`, RETRY_MS, () => this.#mark(name));
  }

  async #reconcile(name: string): Promise<void> {
    const { definitions } = this.#options;
    const definition = definitions.get(name);
    if (definition === undefined) return;
    if (isBeingDeleted(definition)) {
      if (!(await this.#removal.remove(definition))) {
        this.#later(`retry ${name}`, RETRY_MS, () => this.#mark(name));
      }
      return;
    }
    const { names, namesAccepted, established } = definitions.decide(definition);
    const isNew = established.status === 'True' && !isTrue(definition, 'Established');
    // Left behind by a server that had not heard of the end of an earlier definition of the name.
    if (isNew) await this.#removal.purge(definition);
    await this.#status.write(definition, {
      acceptedNames: names,
      conditions: this.#withTimes(definition, [namesAccepted, established]),
    });
    this.#settleLater(definition);
  }

  /** What is to be done once every server works by this definition. */
  #settleLater(definition: CustomResourceDefinition): void {
    const { settledAfterMs = SETTLED_AFTER_MS } = this.#options;
    const { name } = definition.metadata;
    const isMigrated = (definition.status?.storedVersions ?? []).length <= 1;
    if (isMigrated && !this.#reindexDue.has(name)) return;
    this.#later(`settle ${name}`, settledAfterMs, () => {
      void this.#options.migration
        .run(name, () => this.#settle(name))
        .catch((error: unknown) => this.#failed(name, error));
    });
  }

  async #settle(name: string): Promise<void> {
    const { definitions } = this.#options;
    if (this.#reindexDue.delete(name)) await definitions.reindex(name);
    const definition = definitions.get(name);
    if (definition === undefined || !(await this.#options.migration.migrate(definition))) return;
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

  /** One timer for each purpose. */
  #later(purpose: string, delayMs: number, action: () => void): void {
    clearTimeout(this.#timers.get(purpose));
    this.#timers.set(
      purpose,
      setTimeout(() => {
        this.#timers.delete(purpose);
        if (!this.#stopped) action();
      }, delayMs).unref(),
    );
  }
}
