/**
 * Roughly how many bytes a value takes as JSON. Stops counting once over `limit`, so that YAML
 * aliases that multiply to gigabytes cost nothing.
 */
export function jsonSize(value: unknown, limit: number): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  let size = 2;
  for (const [key, field] of Object.entries(value)) {
    size += (Array.isArray(value) ? 1 : Buffer.byteLength(key) + 4) + jsonSize(field, limit - size);
    if (size > limit) return size;
  }
  return size;
}
