import type { ClaimedObject } from '../api/work.js';
import { errorChain } from '../error-chain.js';
import { failpoint } from '../failpoint.js';
import type { Logger } from '../logger.js';
import type { WorkApi } from './work-api.js';
import type { WorkerObserver } from './worker-observer.js';

/** One object held by this worker. */
export class Lease {
  readonly resource: string;
  readonly uid: string;
  readonly fence: number;
  /** Aborted with the reason when the lease is lost. */
  readonly lost = new AbortController();
  expiresAtMs: number;
  readonly #nowMs: () => number;

  constructor(
    key: { readonly resource: string; readonly uid: string; readonly fence: number },
    expiresAtMs: number,
    nowMs: () => number,
  ) {
    this.resource = key.resource;
    this.uid = key.uid;
    this.fence = key.fence;
    this.expiresAtMs = expiresAtMs;
    this.#nowMs = nowMs;
  }

  /**
   * Right before something is changed: a process that stood still comes back with its lease long
   * gone, and knows it only when it looks.
   *
   * @throws the reason for which the lease is lost.
   */
  check(): void {
    if (this.expiresAtMs <= this.#nowMs()) {
      this.lost.abort(new Error('the lease ended before it could be renewed'));
    }
    this.lost.signal.throwIfAborted();
  }
}

/** A claimed object and its lease. */
export interface HeldObject {
  readonly claimed: ClaimedObject;
  readonly lease: Lease;
}

export interface LeaseKeeperOptions {
  readonly api: Pick<WorkApi, 'renew'>;
  readonly worker: string;
  readonly leaseMs: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly observer: Required<Pick<WorkerObserver, 'renewed' | 'leaseLost'>>;
}

/**
 * Renews the leases of work that takes long: a third of the lease time after they were got, all in
 * one call. A lease that the server says is another's, or that ran out unrenewed, is lost.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #held = new Set<Lease>();
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /**
   * Renewed from now on. `askedAtMs` is when the claim was sent: leases are counted from there. An
   * older lease on the same object is lost with that: nobody is given one that another still has.
   */
  hold(claimed: ClaimedObject, askedAtMs: number): Lease {
    const { leaseMs, nowMs } = this.#options;
    const { resource, fence, object } = claimed;
    const key = { resource, fence, uid: object.metadata.uid };
    const lease = new Lease(key, askedAtMs + leaseMs, nowMs);
    for (const older of this.#held) {
      if (older.uid === lease.uid) this.#lose(older, 'the object was claimed again');
    }
    this.#held.add(lease);
    this.#timer ??= setInterval(() => void this.#tick(), leaseMs / 6);
    return lease;
  }

  release(lease: Lease): void {
    this.#held.delete(lease);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #tick(): Promise<void> {
    const { nowMs, leaseMs } = this.#options;
    const now = nowMs();
    for (const lease of this.#held) {
      if (lease.expiresAtMs <= now) this.#lose(lease, 'the lease ended before it could be renewed');
    }
    const due = [...this.#held].filter((lease) => lease.expiresAtMs - now <= (leaseMs * 2) / 3);
    if (due.length === 0 || this.#renewing) return;
    this.#renewing = true;
    try {
      await this.#renew(due);
    } catch (error) {
      this.#options.observer.renewed(due.length, true);
      this.#options.logger.warn('cannot renew leases', { error: errorChain(error) });
    } finally {
      this.#renewing = false;
    }
  }

  async #renew(due: readonly Lease[]): Promise<void> {
    const { api, worker, leaseMs, nowMs } = this.#options;
    const askedAtMs = nowMs();
    const leases = due.map(({ resource, uid, fence }) => ({ resource, uid, fence }));
    failpoint('before-renew');
    const { lost } = await api.renew({ worker, leaseMs, leases }, { timeoutMs: leaseMs / 3 });
    failpoint('after-renew');
    const lostUids = new Set(lost);
    this.#options.observer.renewed(due.length - lostUids.size, false);
    for (const lease of due) {
      // Given back while the renewal was under way: not lost.
      if (!this.#held.has(lease)) continue;
      if (lostUids.has(lease.uid)) this.#lose(lease, 'another worker holds the lease');
      else lease.expiresAtMs = askedAtMs + leaseMs;
    }
  }

  #lose(lease: Lease, reason: string): void {
    this.release(lease);
    this.#options.observer.leaseLost(lease.resource);
    lease.lost.abort(new Error(reason));
  }
}
