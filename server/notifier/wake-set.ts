import type { AttemptRef } from '../../sdk/api/work.js';
import type { Revision, Wake } from '../store/object-store.js';

/** Wakes without repetition, in the order in which they first came. */
export class WakeSet {
  readonly #wakes = new Map<string, Map<string, Wake>>();

  /**
   * `cause`: who made the change that wakes; a wake of itself holds only for another attempt. `by`:
   * the change; the first of several is told, of those that were not known.
   */
  add(resource: string, uid: string, by: NonNullable<Wake['by']>, cause?: AttemptRef): void {
    const wakes = this.#wakes.get(resource) ?? new Map<string, Wake>();
    this.#wakes.set(resource, wakes);
    const known = cause?.uid === uid ? cause.fence : undefined;
    const before = wakes.get(uid);
    if (before === undefined || before.knownAtFence === known) {
      const wake = before ?? { uid, by };
      wakes.set(uid, known === undefined ? wake : { ...wake, knownAtFence: known });
    } else {
      wakes.set(uid, { uid, by: known === undefined ? by : (before.by ?? by) });
    }
  }

  byResource(): [string, readonly Wake[]][] {
    return [...this.#wakes].map(([resource, wakes]) => [resource, [...wakes.values()]]);
  }
}

/** A revision as far as it concerns those who depend on its object. */
export interface Change {
  readonly by: NonNullable<Wake['by']>;
  readonly cause: AttemptRef | undefined;
}

/** A deletion is told to everybody: who asked for it may be waiting for it. */
export function changeOf({ resourceVersion, type, cause, traceparent }: Revision): Change {
  return {
    by: {
      resourceVersion: String(resourceVersion),
      ...(traceparent !== undefined && { traceparent }),
    },
    cause: type === 'DELETED' ? undefined : cause,
  };
}
