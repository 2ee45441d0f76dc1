import * as fc from 'fast-check';

type Fields = Record<string, unknown>;
type Arbitraries = Record<string, fc.Arbitrary<unknown>>;

// No empty text: v1.20 takes it for null.
const text = fc.constantFrom('x', 'y', 'z');
const number = fc.constantFrom(1, 2, 10);
const pair = sparse({ a: text, b: text });
const textMap = fc.dictionary(fc.constantFrom('k', 'l'), text, { maxKeys: 2 });
const tags = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 });

const spec: Arbitraries = {
  count: orNull(number),
  mode: orNull(text),
  title: orNull(text),
  note: orNull(text),
  pair: orNull(pair),
  nested: sparse({ left: pair, right: sparse({ deep: pair, size: number }) }),
  defaulted: sparse({ label: text }, { level: number }),
  limits: orNull(textMap),
  pairs: fc.dictionary(fc.constantFrom('k', 'l'), pair, { maxKeys: 2 }),
  atomicMap: textMap,
  atomicPair: pair,
  atomicList: fc.array(text, { maxLength: 2 }),
  atomicPairs: fc.array(pair, { maxLength: 2 }),
  tags: orNull(tags),
  numbers: fc.uniqueArray(fc.constantFrom(2, 10, 33), { maxLength: 3 }),
  parts: fc.uniqueArray(
    sparse(
      { size: number, grade: text, limits: textMap, tags },
      { name: fc.constantFrom('i', 'j', 'k') },
    ),
    { maxLength: 3, selector: (part) => part['name'] },
  ),
  ports: fc.uniqueArray(
    sparse({ protocol: fc.constantFrom('TCP', 'UDP'), name: text }, { port: number }),
    {
      maxLength: 3,
      selector: ({ port, protocol = 'TCP' }) => `${String(port)}/${String(protocol)}`,
    },
  ),
  // No map in it: v1.20 gives such a one to a single owner, newer servers to one per field, as we do.
  free: sparse({ p: orNull(text), q: fc.array(pair, { maxLength: 2 }) }),
  half: sparse({ a: text, other: orNull(text), more: pair }),
  template: sparse(
    { spec: pair },
    {
      apiVersion: fc.constant('v1'),
      kind: fc.constantFrom('Pod', 'Service'),
      metadata: sparse({ labels: textMap }, { name: text }),
    },
  ),
};

/** A spec that has a few of the fields. */
export const gadgetSpec = sparse(spec, {}, 4);

/** The part of `metadata` that clients write. */
export const gadgetMetadata = sparse(
  {
    labels: textMap,
    annotations: fc.dictionary(fc.constantFrom('n', 'o'), text, { maxKeys: 2 }),
    finalizers: fc.uniqueArray(fc.constantFrom('test.io/a', 'test.io/b'), {
      minLength: 1,
      maxLength: 2,
    }),
  },
  {},
  3,
);

/** Its anchor is always there, so that nobody abandons all of the status (see ANCHOR). */
export const gadgetStatus = sparse(
  {
    phase: text,
    conditions: fc.uniqueArray(
      sparse({ status: fc.constantFrom('True', 'False') }, { type: fc.constantFrom('A', 'B') }),
      { maxLength: 2, selector: (condition) => condition['type'] },
    ),
  },
  { anchor: fc.constant('x') },
);

/** Fields that may be null, whoever writes it. */
const NULLABLE = ['title', 'note', 'other'];

/**
 * A configuration to apply, made of any body. It names no empty map and no null for one: v1.20 gives
 * it no owner, newer servers do, as we do. It has null only where null is allowed: what Kubernetes
 * refuses elsewhere in a configuration of a custom kind, and drops in one of a built-in kind, we drop.
 */
export function toConfiguration(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toConfiguration);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, field]) => [name, toConfiguration(field)] as const)
      .filter(([name, field]) => !isEmptyMap(field) && (field !== null || NULLABLE.includes(name))),
  );
}

function isEmptyMap(value: unknown): boolean {
  return JSON.stringify(value) === '{}';
}

/** An object with some of the fields, each absent `absence` times as often as it is there. */
function sparse(
  fields: Arbitraries,
  required: Arbitraries = {},
  absence = 1,
): fc.Arbitrary<Fields> {
  const optional = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      fc.oneof({ weight: absence, arbitrary: fc.constant(undefined) }, value),
    ]),
  );
  return fc
    .record({ ...required, ...optional })
    .map((object) =>
      Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)),
    );
}

function orNull(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: value }, fc.constant(null));
}
