import type { ClockPort } from '../ports/ports.js';

/**
 * Time by which leases are counted: milliseconds since it was made. It goes as fast as the faster of
 * the system's two clocks and never back, so that a lease is rather given up too early than held too
 * long: the time of day may jump back, the monotonic clock stands still while the machine sleeps.
 */
export function createLeaseClock(
  clock: ClockPort,
  monotonicMs: () => number = () => performance.now(),
): () => number {
  let elapsedMs = 0;
  let lastMs = [clock.nowMs(), monotonicMs()] as const;
  return () => {
    const nowMs = [clock.nowMs(), monotonicMs()] as const;
    elapsedMs += Math.max(0, nowMs[0] - lastMs[0], nowMs[1] - lastMs[1]);
    lastMs = nowMs;
    return elapsedMs;
  };
}
