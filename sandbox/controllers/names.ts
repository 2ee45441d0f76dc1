import type { Clock } from '../clock.js';

/** Kubernetes' alphabet for generated names: no vowels, so no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function randomSuffix(clock: Clock, length = 5): string {
  return Array.from({ length }, () => ALPHABET[Math.floor(clock.random() * ALPHABET.length)]).join(
    '',
  );
}

/** A short, stable name for a JSON value: equal values, whatever their key order, have equal names. */
export function hashName(value: unknown): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(stableJson(value))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  let name = '';
  for (let rest = hash >> 16n; name.length < 10; rest /= BigInt(ALPHABET.length)) {
    name += ALPHABET[Number(rest % BigInt(ALPHABET.length))];
  }
  return name;
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, node: unknown) =>
    typeof node === 'object' && node !== null && !Array.isArray(node)
      ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
      : node,
  );
}
