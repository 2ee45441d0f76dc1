import type { KindDefinition } from '../api/kind.js';
import { resourceName } from '../api/kind.js';
import type { ClaimedObject } from '../api/work.js';
import type { Ports } from '../ports/ports.js';
import type { HeldObject } from './lease-keeper.js';
import type { Reconciler } from './reconciler.js';

export interface ControllerOptions {
  readonly reconciler: Reconciler;
  readonly kind: KindDefinition;
  /** Made anew for each attempt. Time, for this kind, is its `clock`. */
  readonly ports: (claimed: ClaimedObject) => Ports;
  /** Objects worked on at once. Default 8. */
  readonly concurrency?: number;
  /** An attempt that takes longer has failed. Default 300,000. */
  readonly timeLimitMs?: number;
  /**
   * Looks again this long (more or less a fifth) after success though nothing changed: for what
   * tells nobody of its changes. It costs a write for each object and time. Default: never.
   */
  readonly resyncMs?: number;
}

/** What a worker knows of one kind: its reconciler, what was hinted, what is being worked on. */
export class Controller {
  readonly resource: string;
  readonly kind: KindDefinition;
  readonly reconciler: Reconciler;
  readonly ports: (claimed: ClaimedObject) => Ports;
  readonly timeLimitMs: number;
  readonly resyncMs: number | undefined;
  readonly #concurrency: number;
  /** Hinted, not claimed yet; oldest first. */
  readonly #fresh = new Set<string>();
  /** Claimed, waiting for a slot: what a sweep got beyond the free ones. */
  readonly #waiting: HeldObject[] = [];
  /** Being claimed or worked on; true when hinted again since its completion was sent. */
  readonly #active = new Map<string, boolean>();

  /** @throws Error when reconciler and kind are not of one resource, or the kind is not reconciled. */
  constructor(options: ControllerOptions) {
    this.resource = options.reconciler.resource;
    this.kind = options.kind;
    if (resourceName(this.kind) !== this.resource) {
      throw new Error(`the reconciler of ${this.resource} got the kind ${resourceName(this.kind)}`);
    }
    if (this.kind.reconciled === undefined) {
      throw new Error(`${this.resource} is not a reconciled kind: say so in its schema`);
    }
    this.reconciler = options.reconciler;
    this.ports = options.ports;
    this.timeLimitMs = options.timeLimitMs ?? 300_000;
    this.resyncMs = options.resyncMs;
    this.#concurrency = options.concurrency ?? 8;
  }

  /** How many more objects may be begun now. */
  get freeSlots(): number {
    return Math.max(0, this.#concurrency - this.#active.size);
  }

  /** True when hints wait and a slot is free for one. */
  get hasFresh(): boolean {
    return this.#fresh.size > 0 && this.freeSlots > 0;
  }

  /** Takes a hint. One for an object in work is kept until its completion is answered. */
  hint(uid: string): void {
    if (this.#active.has(uid)) this.#active.set(uid, true);
    else this.#fresh.add(uid);
  }

  /** Hinted objects for the free slots, which are theirs until `end`. */
  takeFresh(): string[] {
    const uids = [...this.#fresh].slice(0, this.freeSlots);
    for (const uid of uids) {
      this.#fresh.delete(uid);
      this.#active.set(uid, false);
    }
    return uids;
  }

  /** Keeps a claimed object until there is a slot for it; a hinted one goes before the others. */
  wait(held: HeldObject, hinted: boolean): void {
    if (hinted) this.#waiting.unshift(held);
    else this.#waiting.push(held);
  }

  /** The next claimed object, its slot taken until `end`; undefined when there is none of either. */
  takeWaiting(): HeldObject | undefined {
    if (this.freeSlots === 0) return undefined;
    // The lease on one still in work here was got again: its turn comes when that has ended.
    const index = this.#waiting.findIndex(
      ({ claimed }) => !this.#active.has(claimed.object.metadata.uid),
    );
    const held = index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
    if (held === undefined) return undefined;
    const { uid } = held.claimed.object.metadata;
    this.#active.set(uid, false);
    // Whatever changed since the claim makes the completion `dirty`.
    this.#fresh.delete(uid);
    return held;
  }

  /** Empties the waiting room: to give its objects back. */
  drainWaiting(): HeldObject[] {
    return this.#waiting.splice(0);
  }

  /** Call as the completion is sent: hints from before it are answered by its `dirty`. */
  sending(uid: string): void {
    if (this.#active.has(uid)) this.#active.set(uid, false);
  }

  /** Frees the slot. `again`, or a hint since `sending`: it is looked at again. */
  end(uid: string, again: boolean): void {
    const hinted = this.#active.get(uid) === true;
    this.#active.delete(uid);
    if (again || hinted) this.#fresh.add(uid);
  }
}
