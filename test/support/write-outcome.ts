import { canonicalJson } from '../../server/apply/canonical-json.js';
import type { KubeResponse } from '../../sdk/kube/kube-transport.js';

type Fields = Record<string, unknown>;

/** What two APIs must agree on after the same write. */
export interface WriteOutcome {
  code: number;
  reason?: unknown;
  /** Of conflicts only: the words of other refusals are not compared. */
  message?: string;
  causes?: readonly Fields[];
  object?: Fields;
}

/** Each server's own, and the owners' order, which depends on it. */
const OWN_METADATA = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'selfLink',
  'managedFields',
];

/**
 * Without what each server makes up. Lists whose items are merged one by one come sorted: v1.20 keeps
 * the order of what is there, newer servers take that of the configuration, as we do. So do owners
 * and causes. Owners come without time and subresource, which v1.20 does not know.
 */
export function outcomeOf({ statusCode: code, body }: KubeResponse): WriteOutcome {
  const answer = body as Fields;
  if (answer['status'] === 'Success') return { code };
  if (code < 300) return { code, object: comparable(answer) };
  const { reason, message, details } = answer as {
    reason?: unknown;
    message: string;
    details?: Fields;
  };
  const refusal = { code, reason };
  if (!message.startsWith('Apply failed with')) return refusal;
  return {
    ...refusal,
    message: withoutSubresource(message),
    causes: ((details?.['causes'] ?? []) as Fields[])
      .map((cause) => ({ ...cause, message: withoutSubresource(String(cause['message'])) }))
      .toSorted(byText),
  };
}

function withoutSubresource(message: string): string {
  return message.replaceAll(' with subresource "status"', '');
}

function comparable({ metadata, ...rest }: Fields): Fields {
  const own = metadata as Fields;
  const owners = (own['managedFields'] ?? []) as Fields[];
  // v1.20 answers null for finalizers when an apply takes the last one of an object that is to go.
  const kept = Object.entries(own).filter(
    ([name, value]) => !OWN_METADATA.includes(name) && value !== null,
  );
  return {
    ...(withSortedLists(rest) as Fields),
    metadata: {
      ...(withSortedLists(Object.fromEntries(kept)) as Fields),
      managedFields: owners
        .map(({ time: _time, subresource: _subresource, ...entry }) => entry)
        .toSorted(byText),
    },
  };
}

const GRANULAR_LISTS = ['tags', 'numbers', 'parts', 'ports', 'conditions', 'finalizers'];

function withSortedLists(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => withSortedLists(item));
    return GRANULAR_LISTS.includes(name) ? items.toSorted(byText) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, withSortedLists(field, key)]),
  );
}

function byText(left: unknown, right: unknown): number {
  return canonicalJson(left) < canonicalJson(right) ? -1 : 1;
}
