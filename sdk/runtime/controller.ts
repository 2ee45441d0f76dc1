import type { KindDefinition } from '../api/kind.js';
import { resourceName } from '../api/kind.js';
import type { ClaimedObject } from '../api/work.js';
import { portTable, type PortTable } from '../ports/port-table.js';
import type { Ports } from '../ports/ports.js';
import type { HeldObject } from './lease-keeper.js';
import type { Reconciler } from './reconciler.js';

export interface ControllerOptions {
  readonly reconciler: Reconciler;
  readonly kind: KindDefinition;
  /** Made anew for each attempt. Time, for this kind, is its `clock`. */
  readonly ports: (claimed: ClaimedObject) => Ports;
  /** Declares what `ports` gives beyond Ports: the table of ports with more in it. */
  readonly portTable?: PortTable;
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

/** What to claim of one kind, see `takeClaim`. */
export interface ControllerClaim {
  readonly uids: readonly string[];
  /** At most so many beside them. */
  readonly due: number;
  /** The hints that this claim answers. */
  readonly answered: readonly string[];
}

/** Further hints are dropped: the rows are due, and sweeps go on until nothing is. */
const MOST_HINTS = 10_000;

/** What a worker knows of one kind: its reconciler, what was hinted, what is being worked on. */
export class Controller {
  readonly resource: string;
  readonly kind: KindDefinition;
  readonly reconciler: Reconciler;
  readonly ports: (claimed: ClaimedObject) => Ports;
  readonly portTable: PortTable;
  readonly timeLimitMs: number;
  readonly resyncMs: number | undefined;
  readonly #concurrency: number;
  /** Hinted, not claimed yet; oldest first. */
  readonly #fresh = new Set<string>();
  #sweepDue = false;
  /** Claimed, waiting for a slot. */
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
    this.portTable = options.portTable ?? portTable;
    this.timeLimitMs = options.timeLimitMs ?? 300_000;
    this.resyncMs = options.resyncMs;
    this.#concurrency = options.concurrency ?? 8;
  }

  /** How many more objects may be begun now. */
  get freeSlots(): number {
    return Math.max(0, this.#concurrency - this.#active.size);
  }

  /** A sweep is to look at this kind: what is due is claimed with the next claim. */
  sweep(): void {
    this.#sweepDue = true;
  }

  /** True when there is something to claim and a slot for it. */
  get wantsClaim(): boolean {
    return (this.#sweepDue || this.#fresh.size > 0) && this.freeSlots > 0;
  }

  /** Takes a hint. One for an object in work is kept until its completion is answered. */
  hint(uid: string): void {
    if (this.#active.has(uid)) this.#active.set(uid, true);
    else if (this.#fresh.size < MOST_HINTS) this.#fresh.add(uid);
    else this.#sweepDue = true;
  }

  /**
   * What to claim for the free slots, which hold for it until `claimed`: hinted objects by uid while
   * there is a slot for each. Else whatever is due, for the store knows what goes first. At most `most`.
   */
  takeClaim(most: number): ControllerClaim {
    const slots = Math.min(this.freeSlots, most);
    const crowded = this.#fresh.size + (this.#sweepDue ? 1 : 0) > slots;
    const uids = crowded ? [] : [...this.#fresh];
    const due = crowded || this.#sweepDue ? slots - uids.length : 0;
    const answered = [...this.#fresh];
    this.#fresh.clear();
    this.#sweepDue = false;
    for (const uid of uids) this.#active.set(uid, false);
    return { uids, due, answered };
  }

  /** Call when `taken` was answered, with how many came because they were due; undefined: it failed. */
  claimed(taken: ControllerClaim, gotDue: number | undefined): void {
    for (const uid of taken.uids) this.end(uid, false);
    // One that got less than it asked for got all there was: older hints are answered with it.
    if (taken.uids.length === 0 && gotDue === taken.due) {
      for (const uid of taken.answered) this.hint(uid);
    }
  }

  /** Keeps a claimed object until there is a slot for it; an urgent one goes before the others. */
  wait(held: HeldObject): void {
    const { urgent } = held.claimed;
    const first = urgent ? this.#waiting.findIndex(({ claimed }) => !claimed.urgent) : -1;
    this.#waiting.splice(first < 0 ? this.#waiting.length : first, 0, held);
  }

  /**
   * The next claimed object that may begin, its slot taken until `end`; undefined when there is none
   * of either.
   */
  takeWaiting(mayBegin: (held: HeldObject) => boolean): HeldObject | undefined {
    if (this.freeSlots === 0) return undefined;
    // The lease on one still in work here was got again: its turn comes when that has ended.
    const index = this.#waiting.findIndex(
      (held) => !this.#active.has(held.claimed.object.metadata.uid) && mayBegin(held),
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
