let second = NaN;
let text = '';

/** A time as Kubernetes writes it: RFC 3339 in UTC, whole seconds. */
export function timestampOf(ms: number): string {
  const now = Math.floor(ms / 1_000);
  // Many objects are written in the same second.
  if (now === second) return text;
  text = `${new Date(ms).toISOString().slice(0, 19)}Z`;
  second = now;
  return text;
}
