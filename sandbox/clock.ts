/** Time and chance as controllers see them, so that tests can hold both still. */
export interface Clock {
  nowMs(): number;
  /** A number in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
};

/** RFC 3339 in UTC, whole seconds, as Kubernetes writes times. */
export function formatTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
