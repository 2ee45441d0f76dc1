import { createHash } from 'node:crypto';

/** A short text that is the same for the same content: for ETags and cacheable addresses. */
export function contentHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32).toUpperCase();
}
