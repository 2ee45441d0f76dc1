import type { ApiObject } from '../api/object.js';

/** Shorter values would take words out of the message, and keep no secret. */
const MIN_LENGTH = 4;

/**
 * A cluster's message about a manifest, without the values of a Secret: clusters quote what they
 * refuse, and messages end in conditions and logs. Other kinds' messages stay as they are.
 */
export function hideValues(message: string, manifest: ApiObject): string {
  if (manifest.kind !== 'Secret') return message;
  const values = [manifest['data'], manifest['stringData']]
    .flatMap((map) => (typeof map === 'object' && map !== null ? Object.values(map) : []))
    .flatMap(textsIn)
    .filter((text) => text.length >= MIN_LENGTH)
    // The longest first: one value may be part of another.
    .toSorted((a, b) => b.length - a.length);
  return values.reduce((text, value) => text.replaceAll(value, '<hidden>'), message);
}

/** As it stands in the manifest, and as a message quotes it. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn);
  const text = String(value);
  return [text, JSON.stringify(text).slice(1, -1)];
}
