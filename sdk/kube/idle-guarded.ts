/**
 * Passes the chunks on, and throws `idleError()` when none comes for `idleTimeoutMs`. Only the wait
 * for the source counts, not the time that the consumer takes.
 */
export async function* idleGuarded<T>(
  source: AsyncIterable<T>,
  idleTimeoutMs: number,
  idleError: () => Error,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next();
    const result = await withLimit(next, idleTimeoutMs, idleError);
    if (result.done === true) return;
    yield result.value;
  }
}

function withLimit<T>(promise: Promise<T>, limitMs: number, limitError: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(limitError()), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
