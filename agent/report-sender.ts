import { createHash } from 'node:crypto';

import { errorChain } from '../sdk/error-chain.js';
import { failpoint } from '../sdk/failpoint.js';
import type { Logger } from '../sdk/logger.js';
import type { ReportedWorkload, ReportRequest, ReportResponse } from '../sdk/api/work.js';

/** The times of a sender, in milliseconds. */
export interface SenderTimes {
  /** Between heartbeats. */
  readonly heartbeatMs: number;
  /** How long the control plane may rely on one. */
  readonly heartbeatValidMs: number;
  /** From a change to its report, so that what changes together is sent together. */
  readonly settleMs: number;
  /** Between two reports. */
  readonly minIntervalMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
}

export const defaultSenderTimes: SenderTimes = {
  heartbeatMs: 5_000,
  heartbeatValidMs: 15_000,
  settleMs: 20,
  minIntervalMs: 250,
  minBackoffMs: 250,
  maxBackoffMs: 5_000,
};

export interface ReportSenderOptions {
  readonly runtime: string;
  readonly post: (
    request: ReportRequest,
    call: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ) => Promise<ReportResponse>;
  /** The instances there are. */
  readonly uids: () => readonly string[];
  /** The report of an instance as of now; undefined when there is nothing to report of it. */
  readonly build: (uid: string) => ReportedWorkload | undefined;
  readonly logger: Logger;
  readonly times?: Partial<SenderTimes>;
}

interface News {
  readonly uid: string;
  readonly digest: string;
  readonly report: ReportedWorkload;
  readonly chars: number;
}

const POST_TIMEOUT_MS = 10_000;
/** Limits of one call, within those of the API. */
const MAX_REPORTS = 500;
const MAX_CHARS = 2 * 1024 * 1024;

/**
 * Sends reports and heartbeats, one call at a time. It holds no queue: only which instances have
 * changed, so that whatever is sent is the newest. A report equal to the one sent last is left out.
 *
 * Silent until `resume`. The first call after it, and the first after a failure, carries the report
 * of every instance: a heartbeat never vouches for reports that were made before a gap.
 */
export class ReportSender {
  readonly #options: ReportSenderOptions;
  readonly #times: SenderTimes;
  readonly #changed = new Set<string>();
  /** Digest of the last report that the API has, by uid. */
  readonly #sent = new Map<string, string>();
  #live = false;
  #sendAll = true;
  #changedAtMs = 0;
  #sentAtMs = -Infinity;
  #retryAtMs = -Infinity;
  #failuresInRow = 0;
  #wake: () => void = () => undefined;

  constructor(options: ReportSenderOptions) {
    this.#options = options;
    this.#times = { ...defaultSenderTimes, ...options.times };
  }

  /** The report of this instance may have changed. */
  changed(uid: string): void {
    if (this.#changed.size === 0) this.#changedAtMs = performance.now();
    this.#changed.add(uid);
    this.#wake();
  }

  /** The instance is gone: nothing more is said of it. */
  forget(uid: string): void {
    this.#changed.delete(uid);
    this.#sent.delete(uid);
  }

  /** What the agent sees is current from here on: everything is sent at once. Idempotent. */
  resume(): void {
    if (this.#live) return;
    this.#live = true;
    this.#sendAll = true;
    this.#wake();
  }

  /** What the agent sees may be old: no report, no heartbeat. Idempotent. */
  pause(): void {
    this.#live = false;
    this.#wake();
  }

  /** Works until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      const waitMs = this.#dueAtMs() - performance.now();
      if (waitMs > 0) await this.#sleep(waitMs, signal);
      else await this.#send(signal);
    }
    signal.removeEventListener('abort', onAbort);
  }

  #dueAtMs(): number {
    if (!this.#live) return Infinity;
    const { settleMs, minIntervalMs, heartbeatMs } = this.#times;
    const changeAtMs =
      this.#changed.size === 0
        ? Infinity
        : Math.max(this.#changedAtMs + settleMs, this.#sentAtMs + minIntervalMs);
    const dueAtMs = this.#sendAll ? 0 : Math.min(changeAtMs, this.#sentAtMs + heartbeatMs);
    return Math.max(dueAtMs, this.#retryAtMs);
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { uids, build } = this.#options;
    const all = this.#sendAll;
    const candidates = all ? uids() : [...this.#changed];
    this.#sendAll = false;
    this.#changed.clear();

    const news: News[] = [];
    for (const uid of candidates) {
      const report = build(uid);
      if (report === undefined) continue;
      const json = JSON.stringify(report);
      const digest = createHash('sha1').update(json).digest('base64');
      if (all || this.#sent.get(uid) !== digest) {
        news.push({ uid, digest, report, chars: json.length });
      }
    }
    // Nothing new after all, and no heartbeat is due.
    const isHeartbeatDue = performance.now() >= this.#sentAtMs + this.#times.heartbeatMs;
    if (!all && news.length === 0 && !isHeartbeatDue) return;
    try {
      for (const batch of inBatches(news)) await this.#post(batch, signal);
      this.#succeeded();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  async #post(batch: readonly News[], signal: AbortSignal): Promise<void> {
    const { runtime, post, logger } = this.#options;
    const reports = batch.map(({ report }) => report);
    const startedAtMs = performance.now();
    const request = { runtime, heartbeatMs: this.#times.heartbeatValidMs, reports };
    failpoint('before-report');
    const { refused } = await post(request, { signal, timeoutMs: POST_TIMEOUT_MS });
    failpoint('after-report');
    this.#sentAtMs = startedAtMs;
    // A refused one too: it is not sent again until it changes, for the answer would be the same.
    for (const { uid, digest } of batch) this.#sent.set(uid, digest);
    for (const { index, message } of refused) {
      logger.warn('the API refused a report', { instance: reports[index]?.name, message });
    }
  }

  #succeeded(): void {
    if (this.#failuresInRow > 0) {
      this.#options.logger.info('reporting again', { failures: this.#failuresInRow });
    }
    this.#failuresInRow = 0;
    this.#retryAtMs = -Infinity;
  }

  #failed(error: unknown): void {
    // Nobody knows what the API has now, so that the next call says it all.
    this.#sendAll = true;
    const { minBackoffMs, maxBackoffMs } = this.#times;
    const capMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** this.#failuresInRow);
    this.#retryAtMs = performance.now() + capMs * (0.5 + Math.random() / 2);
    this.#failuresInRow++;
    if (this.#failuresInRow === 1) {
      this.#options.logger.warn('cannot report', { error: errorChain(error) });
    }
  }

  #sleep(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(waitMs, 2 ** 31 - 1));
      this.#wake = done;
      if (signal.aborted) done();
    });
  }
}

/** What fits into one call; one empty batch when there is nothing, for the heartbeat. */
function inBatches(news: readonly News[]): News[][] {
  const batches: News[][] = [[]];
  let chars = 0;
  for (const item of news) {
    const batch = batches.at(-1) ?? [];
    if (batch.length === MAX_REPORTS || (batch.length > 0 && chars + item.chars > MAX_CHARS)) {
      batches.push([item]);
      chars = item.chars;
    } else {
      batch.push(item);
      chars += item.chars;
    }
  }
  return batches;
}
