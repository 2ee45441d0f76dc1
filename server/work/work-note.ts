import type { Intent } from '../../sdk/api/journal.js';

/** What a lease holder notes down beside an object. */
export interface WorkNote {
  /** As it would be stored with the object. */
  readonly status?: unknown;
  readonly intents: readonly Intent[];
}

/**
 * The text that the store keeps: the status, or `[status or null, intents]` where there are any.
 * Undefined: nothing is said, leave what is there. Null: nothing is left to note.
 */
export function encodeNote(
  status: unknown,
  intents: readonly Intent[] | undefined,
): string | null | undefined {
  if (intents !== undefined && intents.length > 0) return JSON.stringify([status ?? null, intents]);
  if (status !== undefined) return JSON.stringify(status);
  return intents === undefined ? undefined : null;
}

export function decodeNote(text: string): WorkNote {
  const note = JSON.parse(text) as unknown;
  if (!Array.isArray(note)) return { status: note, intents: [] };
  const [status, intents] = note as [unknown, readonly Intent[]];
  return { ...(status !== null && { status }), intents };
}
