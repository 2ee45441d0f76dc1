import { setTimeout as delay } from 'node:timers/promises';
import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { Logger } from '../../sdk/logger.js';
import { originOf } from '../request-origin.js';
import { serverUser } from '../request-user.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import type { ServedDefinitions } from './served-definitions.js';

const MIGRATING = serverUser('storage-version-migrator');
const PAGE = 100;
/** Between pages: users' writes go first. */
const PAUSE_MS = 50;

export interface RowMigrationOptions {
  readonly definitions: Pick<ServedDefinitions, 'kindOf'>;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
  readonly logger: Logger;
}

/**
 * Writes objects that are stored in an older version anew in the storage version, slowly and one kind
 * after the other, while they are in use.
 */
export class RowMigration {
  readonly #options: RowMigrationOptions;
  readonly #stopping = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RowMigrationOptions) {
    this.#options = options;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#last;
  }

  /** Runs work of this sort when what was asked for before is done. */
  run(what: string, work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(async () => {
      if (this.#stopping.signal.aborted) return;
      this.#options.logger.debug('looking after stored objects', { kind: what });
      await work();
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  /**
   * Migrates the objects of a definition when there may be some in another version than that of
   * storage. True when from now on there are none.
   */
  async migrate(definition: CustomResourceDefinition): Promise<boolean> {
    const { definitions, logger } = this.#options;
    const storage = definition.spec.versions.find((version) => version.storage)?.name;
    const stored = definition.status?.storedVersions ?? [];
    const kind = definitions.kindOf(definition.metadata.name);
    if (kind === undefined || kind.version !== storage) return false;
    if (stored.every((version) => version === storage)) return false;
    const written = await this.migrateKind(kind);
    if (this.#stopping.signal.aborted) return false;
    logger.info('stored objects are in the storage version', {
      kind: definition.metadata.name,
      version: storage,
      written,
    });
    return true;
  }

  /** Answers how many objects were written. */
  async migrateKind(kind: KindDefinition): Promise<number> {
    const { store } = this.#options;
    let written = 0;
    for (let after: Pick<StoredObject, 'namespace' | 'name'> | undefined; ;) {
      const list = await store.list(kind, { limit: PAGE, ...(after && { after }) });
      const migrated = await Promise.all(list.items.map((item) => this.#migrateOne(kind, item)));
      written += migrated.filter(Boolean).length;
      after = list.next;
      if (after === undefined || this.#stopping.signal.aborted) return written;
      await delay(PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #migrateOne(kind: KindDefinition, stored: StoredObject): Promise<boolean> {
    const { store, codec } = this.#options;
    const object = codec.upgraded(kind, stored);
    if (object === undefined) return false;
    const expectedResourceVersion = stored.resourceVersion;
    try {
      const origin = originOf(MIGRATING);
      await store.write({ type: 'update', kind, object, expectedResourceVersion, origin });
      return true;
    } catch (error) {
      // Written by somebody meanwhile, and so in the storage version; or gone.
      if (isApiError(error, 'Conflict') || isApiError(error, 'NotFound')) return false;
      throw error;
    }
  }
}
