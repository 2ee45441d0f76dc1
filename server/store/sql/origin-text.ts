import type { RevisionOrigin } from '../../../sdk/api/origin.js';

/** The fields as a column keeps them: one in a line, the trace first. */
const FIELDS = [
  'traceparent',
  'user',
  'impersonatedBy',
  'verb',
  'address',
  'userAgent',
] as const satisfies readonly (keyof RevisionOrigin)[];

/** As a column keeps it. Every write has one: it is short, and has nothing to be escaped. */
export function originText(origin: RevisionOrigin | undefined): string | null {
  if (origin === undefined) return null;
  return FIELDS.map((field) => (origin[field] ?? '').replaceAll('\n', ' ')).join('\n');
}

export function originOfText(text: string): RevisionOrigin {
  const lines = text.split('\n');
  const pairs = FIELDS.map((field, i) => [field, lines[i] ?? ''] as const);
  return { user: '', ...Object.fromEntries(pairs.filter(([, value]) => value !== '')) };
}

export function traceOfText(text: string | null): { readonly traceparent?: string } {
  const traceparent = text?.slice(0, text.indexOf('\n')) ?? '';
  return traceparent === '' ? {} : { traceparent };
}

/** SQL for the trace in an origin's text; null when there is none. */
export function traceOfColumn(column: string): string {
  return `nullif(split_part(${column}, chr(10), 1), '')`;
}
