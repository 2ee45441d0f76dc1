import { errorChain } from '../../sdk/error-chain.js';
import { isStorageVersion, resourceName } from '../../sdk/api/kind.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import type { RowMigration } from '../custom-resources/row-migration.js';
import type { ObjectStore } from '../store/object-store.js';

const RETRY_MS = 30_000;
/** Until then servers of the release before may still write the older version. */
const SETTLED_AFTER_MS = 60_000;

export interface StoredVersionsOptions {
  /** Its kinds at the start are built in. */
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'cursor' | 'setCursor'>;
  readonly migration: Pick<RowMigration, 'run' | 'migrateKind'>;
  readonly logger: Logger;
  /** How long after the start every server stores the same version. Default 60,000. */
  readonly settledAfterMs?: number;
}

/**
 * Brings objects of built-in kinds that have several versions into the storage version of this
 * release, once for each change of it.
 */
export class StoredVersions {
  readonly #options: StoredVersionsOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: StoredVersionsOptions) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    const { registry, settledAfterMs = SETTLED_AFTER_MS } = this.#options;
    const kinds = registry
      .list()
      .filter((kind) => (registry.findVersions(resourceName(kind))?.all.length ?? 0) > 1);
    if (kinds.length > 0) this.#later(kinds, settledAfterMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(kinds: readonly KindDefinition[], delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#migrateAll(kinds), delayMs).unref();
  }

  async #migrateAll(kinds: readonly KindDefinition[]): Promise<void> {
    for (const [i, kind] of kinds.entries()) {
      try {
        await this.#options.migration.run(resourceName(kind), () => this.#migrate(kind));
      } catch (error) {
        const { logger } = this.#options;
        logger.warn('cannot migrate stored objects yet', {
          kind: resourceName(kind),
          error: errorChain(error),
        });
        this.#later(kinds.slice(i), RETRY_MS);
        return;
      }
    }
  }

  async #migrate(kind: KindDefinition): Promise<void> {
    const { store, migration, registry, logger } = this.#options;
    if ((await store.cursor(markOf(kind))) > 0) return;
    const written = await migration.migrateKind(kind);
    if (this.#stopped) return;
    const versions = registry.findVersions(resourceName(kind))?.all ?? [];
    // A release that stores another version again begins anew.
    for (const other of versions) {
      if (!isStorageVersion(other)) await store.setCursor(markOf(other), 0);
    }
    await store.setCursor(markOf(kind), 1);
    logger.info('stored objects are in the storage version', {
      kind: resourceName(kind),
      version: kind.version,
      written,
    });
  }
}

/** The store's cursor that is 1 when every object is stored in this version. */
function markOf(kind: KindDefinition): string {
  return `stored/${resourceName(kind)}/${kind.version}`;
}
