import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedObject } from '../api/work.js';
import { errorChain } from '../error-chain.js';
import { failpoint } from '../failpoint.js';
import type { Logger } from '../logger.js';
import type { ClockPort } from '../ports/ports.js';
import type { Part } from '../process.js';
import type { WakeHint, WakeQueue } from '../queue/wake-queue.js';
import { withJitter } from './backoff.js';
import { CompletionBatcher } from './completion-batcher.js';
import type { ControllerClaim, ControllerOptions } from './controller.js';
import { Controller } from './controller.js';
import type { EventSink } from './event-recorder.js';
import { createLeaseClock } from './lease-clock.js';
import type { HeldObject } from './lease-keeper.js';
import { LeaseKeeper } from './lease-keeper.js';
import { isSuspect } from './suspicion.js';
import type { WorkApi } from './work-api.js';
import { releaseOf, StoppingError, workOn } from './work-on.js';
import type { WorkerObserver } from './worker-observer.js';
import { tellAll } from './worker-observer.js';

export interface WorkerOptions {
  /** One for each kind. */
  readonly controllers: readonly ControllerOptions[];
  readonly api: WorkApi;
  readonly queue: WakeQueue;
  readonly clock: ClockPort;
  readonly logger: Logger;
  /** Told of failures and of objects that become ready, or no longer are. Default: nobody. */
  readonly events?: EventSink;
  /** Told of all that this worker does. Default: nobody. */
  readonly observers?: readonly WorkerObserver[];
  /** Names this worker in leases. Default: host name and a random part. */
  readonly name?: string;
  /** 1,000 or more. Default 15,000. */
  readonly leaseMs?: number;
  /** Looks for due work this often; while hints do not come, at least once a second. Default 2,000. */
  readonly sweepMs?: number;
  /** On stop, running attempts have this long to end by themselves. Default 3,000. */
  readonly graceMs?: number;
  /** For jitter: 0 to 1. Default Math.random. */
  readonly random?: () => number;
}

const SWEEP_UNHINTED_MS = 1_000;
const SWEEP_BACKLOG_MS = 20;
const LARGEST_CLAIM = 500;
const CLAIM_TIMEOUT_MS = 10_000;
/** What is due later than this is left to the sweep. */
const LONGEST_TIMER_MS = 120_000;
const RELEASE_TIMEOUT_MS = 1_500;

interface TakenClaim {
  readonly controller: Controller;
  readonly claim: ControllerClaim;
}

/** A worker of one kind; see createWorker. */
export function createController(
  options: ControllerOptions & Omit<WorkerOptions, 'controllers'>,
): Part {
  return createWorker({ ...options, controllers: [options] });
}

/**
 * Runs reconcilers in this process: takes hints, claims what is due in one call, runs each object's
 * reconciler, completes in batches. What somebody changed goes ahead of what is looked at again, by
 * the order of the store, so also without hints and after a restart. Any number of workers
 * may run at once. `start` waits for neither server nor broker; `stop` ends or gives back all work
 * within 5 s.
 */
export function createWorker(options: WorkerOptions): Part {
  return new Worker(options);
}

class Worker implements Part {
  readonly #options: WorkerOptions;
  readonly #name: string;
  readonly #leaseMs: number;
  readonly #leaseNowMs: () => number;
  readonly #random: () => number;
  readonly #controllers: ReadonlyMap<string, Controller>;
  readonly #observer: Required<WorkerObserver>;
  readonly #leases: LeaseKeeper;
  readonly #completions: CompletionBatcher;
  readonly #running = new Map<HeldObject, Promise<void>>();
  /** Objects handed back with a time to look again, by uid. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #unsubscribe: () => void = () => undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #backlogTimer: NodeJS.Timeout | undefined;
  /** Of these more was due than was claimed. */
  readonly #backlog = new Set<Controller>();
  #claiming: Promise<void> | undefined;
  #started = false;
  #stopped: Promise<void> | undefined;
  #serverAway = false;
  /** Kinds of which somebody was told that the server does not have them. */
  readonly #unserved = new Set<string>();

  constructor(options: WorkerOptions) {
    const { clock, api, logger } = options;
    this.#options = options;
    this.#name = options.name ?? `${hostname()}-${randomUUID().slice(0, 8)}`;
    this.#leaseMs = options.leaseMs ?? 15_000;
    this.#random = options.random ?? Math.random;
    const controllers = options.controllers.map((each) => new Controller(each));
    this.#controllers = new Map(controllers.map((each) => [each.resource, each]));
    const nowMs = createLeaseClock(clock);
    this.#leaseNowMs = nowMs;
    const worker = this.#name;
    this.#observer = tellAll(options.observers ?? []);
    const [leaseMs, observer] = [this.#leaseMs, this.#observer];
    this.#leases = new LeaseKeeper({ api, worker, leaseMs, nowMs, logger, observer });
    this.#completions = new CompletionBatcher(api, worker, nowMs);
  }

  start(signal: AbortSignal): Promise<void> {
    if (this.#started) return Promise.resolve();
    this.#started = true;
    signal.addEventListener('abort', () => void this.stop(), { once: true });
    this.#unsubscribe = this.#options.queue.subscribe([...this.#controllers.keys()], (keys) => {
      this.#hinted(keys);
      this.#pump();
    });
    this.#sweepAfter(0);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#unsubscribe();
    clearTimeout(this.#sweepTimer);
    clearTimeout(this.#backlogTimer);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    const graceMs = this.#options.graceMs ?? 3_000;
    const begun = Promise.allSettled([this.#claiming]).then(() => this.#releaseWaiting());
    await within(Promise.all([begun, this.#allEnded()]), graceMs);
    for (const { lease } of this.#running.keys()) lease.lost.abort(new StoppingError('stopping'));
    await within(Promise.all([begun, this.#allEnded()]), RELEASE_TIMEOUT_MS);
    for (const { lease } of this.#running.keys()) this.#leases.release(lease);
    const untold = this.#completions.close();
    if (untold > 0) {
      this.#options.logger.warn('what was done outside could not all be written down', { untold });
    }
  }

  async #allEnded(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #releaseWaiting(): Promise<void> {
    const held = [...this.#controllers.values()].flatMap((each) => each.drainWaiting());
    const releases = held.map((one) => {
      this.#leases.release(one.lease);
      return this.#completions.complete(releaseOf(one), () => 0);
    });
    await Promise.allSettled(releases);
  }

  /** Begins what was claimed, then claims for the slots that are free. */
  #pump(): void {
    if (this.#stopped !== undefined || this.#claiming !== undefined) return;
    this.#beginWaiting();
    if (![...this.#controllers.values()].some(({ wantsClaim }) => wantsClaim)) return;
    this.#claiming = this.#claimOnce().finally(() => {
      this.#claiming = undefined;
      this.#pump();
    });
  }

  async #claimOnce(): Promise<void> {
    // What else is hinted in this turn of the event loop goes into the same call.
    await new Promise(setImmediate);
    const taken: TakenClaim[] = [];
    let left = LARGEST_CLAIM;
    for (const controller of this.#controllers.values()) {
      if (!controller.wantsClaim || left === 0) continue;
      const claim = controller.takeClaim(left);
      left -= claim.uids.length + claim.due;
      taken.push({ controller, claim });
    }
    const claimed = await this.#claim(taken);
    let hasBacklog = false;
    for (const { controller, claim } of taken) {
      const hinted = new Set(claim.uids);
      const gotDue = claimed?.filter(
        ({ resource, object }) =>
          resource === controller.resource && !hinted.has(object.metadata.uid),
      ).length;
      controller.claimed(claim, gotDue);
      // A full answer means that more is due: that does not wait for a whole round.
      if (claim.due > 0 && gotDue === claim.due) {
        this.#backlog.add(controller);
        hasBacklog = true;
      }
    }
    if (hasBacklog) this.#sweepBacklog();
    this.#beginWaiting();
  }

  #sweepBacklog(): void {
    if (this.#stopped !== undefined) return;
    this.#backlogTimer ??= setTimeout(() => {
      this.#backlogTimer = undefined;
      for (const controller of this.#backlog) controller.sweep();
      this.#backlog.clear();
      this.#pump();
    }, SWEEP_BACKLOG_MS);
  }

  #sweepAfter(waitMs: number): void {
    if (this.#stopped !== undefined) return;
    this.#sweepTimer = setTimeout(() => {
      for (const controller of this.#controllers.values()) controller.sweep();
      this.#pump();
      const { sweepMs = 2_000, queue } = this.#options;
      const usual = queue.status === 'connected' ? sweepMs : Math.min(sweepMs, SWEEP_UNHINTED_MS);
      this.#sweepAfter(withJitter(usual, this.#random));
    }, waitMs);
  }

  /** Claims and puts what was got where it waits for its slot. Undefined on failure. */
  async #claim(taken: readonly TakenClaim[]): Promise<readonly ClaimedObject[] | undefined> {
    const { api, logger } = this.#options;
    const askedAtMs = this.#leaseNowMs();
    const keys = taken.flatMap(({ controller: { resource }, claim }) =>
      claim.uids.map((uid) => ({ resource, uid })),
    );
    const due = taken.flatMap(({ controller: { resource }, claim }) =>
      claim.due > 0 ? [{ resource, limit: claim.due }] : [],
    );
    const by = keys.length > 0 ? 'hint' : 'sweep';
    const begunMs = performance.now();
    try {
      failpoint('before-claim');
      const { claimed, unserved = [] } = await api.claim(
        { worker: this.#name, leaseMs: this.#leaseMs, keys, due },
        { timeoutMs: CLAIM_TIMEOUT_MS },
      );
      if (this.#serverAway) logger.info('the server is back');
      this.#serverAway = false;
      this.#tellUnserved(unserved);
      this.#observer.claimed({ by, claimed, durationMs: performance.now() - begunMs });
      if (claimed.length > 0) failpoint('after-claim');
      for (const one of claimed) {
        const lease = this.#leases.hold(one, askedAtMs);
        this.#controllers.get(one.resource)?.wait({ claimed: one, lease });
      }
      return claimed;
    } catch (error) {
      this.#observer.claimed({ by, claimed: [], durationMs: performance.now() - begunMs, error });
      if (!this.#serverAway && this.#stopped === undefined) {
        logger.warn('cannot claim work; the sweep goes on trying', { error: errorChain(error) });
      }
      this.#serverAway = true;
      return undefined;
    }
  }

  /** Once for each kind: every claim says it again until the kind is there. */
  #tellUnserved(unserved: readonly string[]): void {
    for (const resource of unserved) {
      if (this.#unserved.has(resource)) continue;
      this.#options.logger.warn(
        'the server does not reconcile this kind: its CustomResourceDefinition is gone, or lacks ' +
          'the annotation threeport.io/reconciled: "true"',
        { resource },
      );
      this.#unserved.add(resource);
    }
  }

  #beginWaiting(): void {
    if (this.#stopped !== undefined) return;
    for (const controller of this.#controllers.values()) {
      for (;;) {
        const held = controller.takeWaiting(({ claimed }) => this.#mayBegin(claimed));
        if (held === undefined) break;
        this.#running.set(held, this.#run(controller, held));
      }
    }
  }

  /** Suspects begin one at a time: should the process end, it is known whose doing that was. */
  #mayBegin(claimed: ClaimedObject): boolean {
    return (
      !isSuspect(claimed) || ![...this.#running.keys()].some((held) => isSuspect(held.claimed))
    );
  }

  async #run(controller: Controller, held: HeldObject): Promise<void> {
    const { uid, resource } = held.lease;
    clearTimeout(this.#timers.get(uid));
    this.#timers.delete(uid);
    const { logger, events } = this.#options;
    const end = await workOn(controller, held, {
      completions: this.#completions,
      random: this.#random,
      nowMs: () => this.#options.clock.nowMs(),
      logger,
      observer: this.#observer,
      ...(events !== undefined && { events }),
    });
    this.#leases.release(held.lease);
    this.#running.delete(held);
    controller.end(uid, end.again);
    if (!end.again && end.requeueAfterMs !== undefined) {
      this.#lookAgain(resource, uid, end.requeueAfterMs);
    }
    this.#pump();
  }

  /** The row has the time too: this is only earlier than the sweep. */
  #lookAgain(resource: string, uid: string, afterMs: number): void {
    if (this.#stopped !== undefined || afterMs > LONGEST_TIMER_MS) return;
    const timer = setTimeout(() => {
      this.#timers.delete(uid);
      this.#controllers.get(resource)?.hint(uid);
      this.#pump();
    }, afterMs + 1);
    this.#timers.set(uid, timer);
  }

  #hinted(hints: readonly WakeHint[]): void {
    for (const { resource, uid } of hints) this.#controllers.get(resource)?.hint(uid);
    this.#observer.hinted(hints);
  }
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    work.catch(() => undefined),
    delay(limitMs, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
}
