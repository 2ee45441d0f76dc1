/** Nesting beyond which JSON is taken for hostile: what walks it by recursion would overflow. */
const MAX_DEPTH = 512;

/**
 * Roughly how many bytes a value takes as JSON. Counts no further once over `limit`, so that YAML
 * aliases that multiply to gigabytes cost nothing; what contains itself, or is nested deeper than
 * 512 levels, is infinitely large.
 */
export function jsonSize(value: unknown, limit: number): number {
  let size = 0;
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: part, depth } = next;
    if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
    if (typeof part === 'string') size += Buffer.byteLength(part) + 2;
    else if (typeof part !== 'object' || part === null) size += String(part).length;
    else if (Array.isArray(part)) {
      size += 2 + part.length;
      for (const item of part) pending.push({ value: item, depth: depth + 1 });
    } else {
      size += 2;
      for (const [key, field] of Object.entries(part)) {
        size += Buffer.byteLength(key) + 4;
        pending.push({ value: field, depth: depth + 1 });
      }
    }
    if (size > limit) return size;
  }
  return size;
}
