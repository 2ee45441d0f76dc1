import { TimeSlice } from '../../turns.js';

/** Runs steps to their end; after each that made the slice full, others have their turn. */
export async function inTurns<T>(steps: Iterator<void, T>): Promise<T> {
  const slice = new TimeSlice();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    // A step is often too small to wait even for a promise.
    if (slice.isOver) await slice.breathe();
  }
}

/** Runs steps to their end at once: where nobody waits. */
export function atOnce<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
