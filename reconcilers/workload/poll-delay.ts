import type { ClockPort } from '../../sdk/ports/ports.js';

const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long until the next look at something in a cluster that tells nobody when it is over: a tenth
 * of the time that it has been under way, half a second at least. `since` is RFC 3339.
 */
export function pollDelayMs(since: string | undefined, clock: ClockPort): number {
  const ageMs = since === undefined ? 0 : clock.nowMs() - Date.parse(since);
  return Math.min(Math.max(Math.round(ageMs / 10), SHORTEST_MS), LONGEST_MS);
}
