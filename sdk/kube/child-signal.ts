/**
 * A signal that aborts with any of its parents, or at `end`. Unlike AbortSignal.any it leaves nothing
 * behind on a parent that lives longer.
 */
export function childOf(...parents: AbortSignal[]): { signal: AbortSignal; end(): void } {
  const child = new AbortController();
  const abort = (): void => child.abort();
  for (const parent of parents) {
    if (parent.aborted) abort();
    else parent.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: child.signal,
    end: () => {
      for (const parent of parents) parent.removeEventListener('abort', abort);
      abort();
    },
  };
}
