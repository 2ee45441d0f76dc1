import type { ObjectKey } from '../../sdk/api/object.js';
import type { Logger } from '../../sdk/logger.js';
import type { Clock } from '../clock.js';
import type { ClusterCache, ObjectChange } from '../cluster-cache.js';
import type { ClusterClient } from '../cluster-client.js';
import type { EventRecorder } from './event-recorder.js';

/** What every controller works with. */
export interface ControllerContext {
  readonly cache: ClusterCache;
  readonly client: ClusterClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One level-triggered controller: it is told which objects to look at, never what happened to them.
 * Looking at one that is as it should be makes no write.
 */
export interface Controller {
  readonly name: string;
  /** The objects to look at because of a change. Called for every change: it must be quick. */
  keysFor(change: ObjectChange, cache: ClusterCache): readonly ObjectKey[];
  /** Never called twice at once for one key. Answers when to look again, in ms, if ever. */
  reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined>;
}
