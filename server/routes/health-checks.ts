import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectStore } from '../store/object-store.js';

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when it is; the reason why it is not is logged, never shown. */
  check(): Promise<void> | void;
}

const CHECK_TIMEOUT_MS = 2_000;
/** Anybody may ask for health: the database is asked no more often than this. */
const REMEMBERED_MS = 1_000;

/** True when the check is good. Never rejects. */
export async function runCheck({ check }: HealthCheck): Promise<boolean> {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}

/** The process runs its code. */
export const pingCheck: HealthCheck = { name: 'ping', check: () => undefined };

/** Good until the server was told to stop. */
export function shutdownCheck(isStopping: () => boolean): HealthCheck {
  return {
    name: 'shutdown',
    check() {
      if (isStopping()) throw new Error('the server is stopping');
    },
  };
}

/** Good unless the log can no longer be shortened: it would fill the disk. */
export function compactionCheck(compaction: { readonly isStuck: boolean }): HealthCheck {
  return {
    name: 'log-compaction',
    check() {
      if (compaction.isStuck) throw new Error('the log cannot be compacted');
    },
  };
}

/**
 * Two checks of the store: it is read, and it is written, for a database may do the first and not the
 * second (a standby, a full disk, tables that are not as this server knows them). A newer schema with
 * which writes work is none of these: while servers are replaced one by one, both versions work. Results are kept for a second; a look takes 2 s at most.
 */
export function storeChecks(
  store: Pick<ObjectStore, 'currentVersion' | 'checkWritable'>,
  logger: Logger,
): readonly HealthCheck[] {
  return [
    remembered('store-read', logger, () => store.currentVersion()),
    remembered('store-write', logger, () => store.checkWritable()),
  ];
}

function remembered(name: string, logger: Logger, look: () => Promise<unknown>): HealthCheck {
  let latest: { readonly untilMs: number; readonly result: Promise<void> } | undefined;

  async function lookNow(): Promise<void> {
    try {
      await withinTime(look());
    } catch (error) {
      logger.warn('not ready', { check: name, error: errorChain(error) });
      throw error;
    }
  }

  return {
    name,
    check() {
      if (latest === undefined || performance.now() > latest.untilMs) {
        const untilMs = performance.now() + REMEMBERED_MS;
        latest = { untilMs, result: lookNow() };
      }
      return latest.result;
    },
  };
}

async function withinTime(look: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const late = new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`);
    timer = setTimeout(() => reject(late), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([look, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
