import type { RevisionOrigin } from '../../../sdk/api/origin.js';
import { quoteLiteral } from './identifiers.js';

/** How the text begins where there is a trace, which has always the same length. */
const TRACED = '{"traceparent":"';
const TRACEPARENT_LENGTH = 55;

/** As a column keeps it: JSON, the trace first, so that it is found without parsing. */
export function originText(origin: RevisionOrigin | undefined): string | null {
  if (origin === undefined) return null;
  const { traceparent, ...others } = origin;
  return JSON.stringify(traceparent === undefined ? others : { traceparent, ...others });
}

export function traceOfText(text: string | null): { readonly traceparent?: string } {
  if (text?.startsWith(TRACED) !== true) return {};
  return { traceparent: text.slice(TRACED.length, TRACED.length + TRACEPARENT_LENGTH) };
}

/** SQL for the trace in an origin's text; null when there is none. */
export function traceOfColumn(column: string): string {
  const from = TRACED.length + 1;
  return `CASE WHEN ${column} LIKE ${quoteLiteral(`${TRACED}%`)} THEN substr(${column}, ${from}, ${TRACEPARENT_LENGTH}) END`;
}
