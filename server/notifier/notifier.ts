import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { failpoint } from '../../sdk/failpoint.js';
import type { Logger } from '../../sdk/logger.js';
import type { Tracer } from '../../sdk/tracing/tracer.js';
import type { WakeHint, WakeQueue } from '../../sdk/queue/wake-queue.js';
import { cursorPlace, LogFollower } from '../background/log-follower.js';
import type { ObjectStore, Revision, Wake } from '../store/object-store.js';
import { traceWakes } from '../tracing/trace-wakes.js';
import { changedThemselves, dependantsOf } from './wakes-of-revisions.js';

export interface NotifierOptions {
  readonly store: ObjectStore;
  readonly registry: KindRegistry;
  readonly queue: Pick<WakeQueue, 'publish'>;
  readonly logger: Logger;
  /** Follows requests. Default: nobody does. */
  readonly tracer?: Tracer;
  /** Keeps its place in the log this long after it moved, at the latest. Default 5,000. */
  readonly saveCursorMs?: number;
}

/** The store cursor that holds how far the log was followed. */
export const NOTIFIER_CURSOR = 'notifier';

/**
 * Follows the log. Hints at every changed object of a reconciled kind; makes owners and referrers
 * of whatever changed due, then hints at them. Its place in the log is kept some time after the
 * wakes, so that a crash repeats some and loses none. Several servers may each run one. Writes nothing while
 * nothing changes. `start` waits for nothing but the cursor to be read.
 */
export function createNotifier(options: NotifierOptions): LogFollower {
  const { store, logger, tracer, saveCursorMs } = options;
  const notifier = new Notifier(options);
  return new LogFollower({
    store,
    logger,
    follower: 'notifier',
    place: cursorPlace(store, NOTIFIER_CURSOR),
    handle: (revisions) =>
      tracer === undefined
        ? notifier.wakeFor(revisions)
        : traceWakes(tracer, revisions, (part) => notifier.wakeFor(part)),
    resync: () => notifier.wakeAll(),
    ...(saveCursorMs !== undefined && { savePlaceMs: saveCursorMs }),
  });
}

class Notifier {
  readonly #options: NotifierOptions;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  async wakeFor(revisions: readonly Revision[]): Promise<undefined> {
    if (revisions.length === 0) return;
    const { store, registry, queue } = this.#options;
    failpoint('before-hint');
    // These are due already: a hint that comes before anything else costs nothing.
    const hinted = queue.publish(changedThemselves(registry, revisions));
    const wakes = await dependantsOf(registry, store, revisions);
    failpoint('after-hint-before-wake');
    const woken = await Promise.all(
      wakes.byResource().map(([resource, some]) => this.#wake(registry.resource(resource), some)),
    );
    await Promise.all([hinted, queue.publish(woken.flat())]);
    failpoint('after-wake-before-place');
  }

  /** Who should have been woken cannot be known. */
  async wakeAll(): Promise<void> {
    const { store, registry, queue } = this.#options;
    for (const kind of registry.list().filter(({ reconciled }) => reconciled !== undefined)) {
      const { items } = await store.list(kind, {});
      const wakes = items.map(({ uid }) => ({ uid }));
      await queue.publish(await this.#wake(kind, wakes));
    }
  }

  /**
   * Makes objects due. Answers those to hint at: of who may know already, only whom it woke; of the
   * others also those due before, for the hint at them may have been lost.
   */
  async #wake(kind: KindDefinition, wakes: readonly Wake[]): Promise<WakeHint[]> {
    const woken = new Set(await this.#options.store.wake(kind, wakes));
    return wakes
      .filter(({ uid, knownAtFence }) => knownAtFence === undefined || woken.has(uid))
      .map(({ uid, by }) => ({
        resource: resourceName(kind),
        uid,
        ...(by?.traceparent !== undefined && { traceparent: by.traceparent }),
      }));
  }
}
