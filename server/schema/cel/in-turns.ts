/** How long steps may run before others have their turn, about. */
const SLICE_MS = 5;

/** Runs steps to their end; after each that made the slice full, others have their turn. */
export async function inTurns<T>(steps: Iterator<void, T>): Promise<T> {
  let sinceMs = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await new Promise(setImmediate);
    sinceMs = performance.now();
  }
}

/** Runs steps to their end at once: where nobody waits. */
export function atOnce<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
