import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves with the first value of `look` that is neither undefined nor false; looks every 20 ms.
 * Rejects after `timeoutMs` (default 10 000), saying `what` did not happen.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(20);
  }
}
