import type { StoredApiObject } from '../../sdk/api/object.js';
import type {
  ClaimOptions,
  ObjectStore,
  ObjectWrite,
  StoredObject,
  WorkClaim,
  WorkCompletion,
  WorkOutcome,
} from '../../server/store/object-store.js';
import type { WorkerObserver } from '../../sdk/runtime/worker-observer.js';
import { instead } from '../plants/instead.js';
import type { Violation } from './violation.js';

interface Holder {
  readonly worker: string;
  readonly fence: number;
  expiresAtMs: number;
}

/**
 * Sits in front of the database and keeps its own account of who holds what until when: nothing is
 * in two hands, no fence is given twice, and nobody hands back, renews or writes a status with a
 * lease that is not his.
 */
export class LeaseOracle {
  readonly store: ObjectStore;
  readonly violations: Violation[] = [];
  readonly #inner: ObjectStore;
  readonly #nowMs: () => number;
  readonly #holders = new Map<string, Holder>();
  readonly #fences = new Map<string, number>();

  constructor(store: ObjectStore, nowMs: () => number) {
    this.#inner = store;
    this.#nowMs = nowMs;
    this.store = instead(store, {
      claim: async (kind, options) => this.#claimed(options, await store.claim(kind, options)),
      complete: async (completions) =>
        this.#completed(completions, await store.complete(completions)),
      renew: async (kind, worker, leaseMs, leases) => {
        const lost = await store.renew(kind, worker, leaseMs, leases);
        for (const { uid, fence } of leases) {
          if (!lost.includes(uid)) this.#renewed(uid, { worker, fence }, leaseMs);
        }
        return lost;
      },
      write: async (write) => {
        await this.#beforeWrite(write);
        return store.write(write);
      },
    });
  }

  /** For workers: nothing outside is changed for an object by who does not hold it any more. */
  readonly observer: WorkerObserver = {
    began: ({ object: { kind, metadata }, fence }) => ({
      around: (call, make) => {
        const holder = this.#holders.get(metadata.uid);
        const isHeld = holder?.fence === fence && holder.expiresAtMs > this.#nowMs();
        if (call.outside && call.nature !== 'read' && !isHeld) {
          const what = `${call.operation} ${call.target}`;
          this.violations.push(`${kind} ${metadata.name}: ${what} without the lease`);
        }
        return make();
      },
      ended: () => undefined,
    }),
  };

  #claimed(options: ClaimOptions, claims: readonly WorkClaim[]): readonly WorkClaim[] {
    const { worker, leaseMs } = options;
    const nowMs = this.#nowMs();
    for (const { object, fence } of claims) {
      const { uid } = object;
      const holder = this.#holders.get(uid);
      if (holder !== undefined && holder.expiresAtMs > nowMs) {
        this.#note(object, `claimed by ${worker} while ${holder.worker} held it`);
      }
      if (fence <= (this.#fences.get(uid) ?? 0)) this.#note(object, `fence ${fence} given again`);
      this.#fences.set(uid, fence);
      this.#holders.set(uid, { worker, fence, expiresAtMs: nowMs + leaseMs });
    }
    return claims;
  }

  #renewed(uid: string, by: { worker: string; fence: number }, leaseMs: number): void {
    const holder = this.#holding(uid, by);
    if (holder === undefined)
      this.violations.push(`${uid}: renewed by ${by.worker}, not its holder`);
    else holder.expiresAtMs = Math.max(holder.expiresAtMs, this.#nowMs() + leaseMs);
  }

  #completed(
    completions: readonly WorkCompletion[],
    outcomes: readonly WorkOutcome[],
  ): readonly WorkOutcome[] {
    completions.forEach((completion, index) => {
      const { uid, worker, keepLease } = completion;
      const outcome = outcomes[index]?.outcome;
      if (outcome !== 'done' && outcome !== 'dirty') return;
      if (this.#holding(uid, completion) === undefined) {
        this.violations.push(`${uid}: handed back by ${worker}, not its holder`);
      }
      if (keepLease !== true) this.#holders.delete(uid);
    });
    return outcomes;
  }

  async #beforeWrite(write: ObjectWrite): Promise<void> {
    if (write.type !== 'update' || write.kind.reconciled === undefined) return;
    const { uid = '' } = write.object.metadata;
    const before = await this.#inner.getByUid(write.kind, uid);
    // One that comes too late is refused anyway.
    if (before?.resourceVersion !== write.expectedResourceVersion) return;
    if (statusOf(before) !== JSON.stringify(write.object.status)) {
      this.#note(before, 'its status was written without a lease');
    }
  }

  #holding(uid: string, { worker, fence }: { worker: string; fence: number }): Holder | undefined {
    const holder = this.#holders.get(uid);
    const isHeld =
      holder?.worker === worker && holder.fence === fence && holder.expiresAtMs > this.#nowMs();
    return isHeld ? holder : undefined;
  }

  #note({ resource, name }: StoredObject, what: string): void {
    this.violations.push(`${resource} ${name}: ${what}`);
  }
}

function statusOf({ json }: StoredObject): string | undefined {
  return JSON.stringify((JSON.parse(json) as StoredApiObject).status);
}
