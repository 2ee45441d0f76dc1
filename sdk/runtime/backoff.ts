const FIRST_MS = 1_000;
const LARGEST_MS = 300_000;

/** Up to a fifth more or less, so that what fails together is not retried together. */
export function withJitter(durationMs: number, random: () => number): number {
  return Math.round(durationMs * (0.8 + 0.4 * random()));
}

/** The wait after the n-th failure in a row (from 1): 1 s, doubling up to 5 min, with jitter. */
export function backoffMs(failures: number, random: () => number): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 20);
  return withJitter(Math.min(FIRST_MS * 2 ** exponent, LARGEST_MS), random);
}
