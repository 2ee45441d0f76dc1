/**
 * How much fits into a request, by Kubernetes' estimate (k8s.io/apiserver/pkg/cel/common): the most
 * that a list, a map or a text can hold where its schema does not say.
 */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

export const MIN_NUMBER_BYTES = 1;
export const MIN_BOOL_BYTES = 4;
/** `""`, and `[]` or `{}`. */
export const MIN_TEXT_BYTES = 2;
export const MIN_COLLECTION_BYTES = 2;
export const MAX_TEXT_BYTES = MAX_REQUEST_BYTES - 2;
/** `maxLength` counts characters. */
export const MAX_BYTES_PER_CHARACTER = 4;

/** Of a required field: its name in quotes, a colon, its value and a comma. */
export function fieldBytes(name: string, minValueBytes: number): number {
  return name.length + minValueBytes + 4;
}

export function itemsPerRequest(minItemBytes: number): number {
  return Math.floor((MAX_REQUEST_BYTES - 2) / (minItemBytes + 1));
}

export function entriesPerRequest(minValueBytes: number): number {
  return Math.floor((MAX_REQUEST_BYTES - 2) / (minValueBytes + 6));
}

/** How often a value of this size can be in a request, wherever. */
export function occurrencesPerRequest(minBytes: number): number {
  return Math.floor(MAX_REQUEST_BYTES / (minBytes + 1));
}
