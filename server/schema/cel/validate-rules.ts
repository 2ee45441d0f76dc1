import type { KindDefinition } from '../../../sdk/api/kind.js';
import { deepEqual } from '../../apply/deep-equal.js';
import { isJsonObject, ownValue } from '../../apply/json-object.js';
import type { FieldError } from '../../api-errors.js';
import { invalidValue } from '../../api-errors.js';
import { fieldPath, itemPath } from '../field-path.js';
import { isSameButMetadata } from '../unchanged-parts.js';
import { MAX_WRITE_COST } from './cost-meter.js';
import { RuleRun } from './rule-run.js';
import { inTurns } from './in-turns.js';
import type { RuleNode, RuleTree } from './rule-tree.js';
import { compileRules } from './rule-tree.js';

const BLOCKING: readonly FieldError['reason'][] = [
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTypeInvalid',
  'FieldValueTooLong',
  'FieldValueTooMany',
];

const compiled = new WeakMap<KindDefinition, Promise<RuleTree>>();

/** The kind's rules, compiled when they are first needed; undefined for a kind without rules. */
async function rulesOfKind(kind: KindDefinition): Promise<RuleNode | undefined> {
  let tree = compiled.get(kind);
  if (tree === undefined) {
    tree = inTurns(compileRules(kind.schema));
    compiled.set(kind, tree);
  }
  return (await tree).root;
}

export interface RuleSubject {
  readonly object: unknown;
  /** As it was before, on an update. */
  readonly old?: unknown;
  /** What the schema says of the object: rules rely on what it makes sure of. */
  readonly schemaErrors: readonly FieldError[];
}

/**
 * What the kind's `x-kubernetes-validations` say of an object, in Kubernetes' words (apiextensions-apiserver,
 * `pkg/apiserver/schema/cel`). A part that an update leaves as it was is not judged again, only by
 * rules about the change. The cost of one write is limited, and others have their turn meanwhile.
 */
export async function validateRules(
  kind: KindDefinition,
  { object, old, schemaErrors }: RuleSubject,
): Promise<readonly FieldError[]> {
  const root = await rulesOfKind(kind);
  if (root === undefined) return [];
  if (schemaErrors.some(({ reason }) => BLOCKING.includes(reason))) return [NOT_CHECKED];
  const run = new RuleRun({ maxCost: MAX_WRITE_COST, isSensitive: kind.sensitive.length > 0 });
  await inTurns(visit(run, root, { value: object, old, path: '' }));
  return run.errors;
}

const NOT_CHECKED: FieldError = invalidValue(
  '<nil>',
  'null',
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

interface Part {
  readonly value: unknown;
  /** Undefined when there is none, or nobody can tell which one it is. */
  readonly old: unknown;
  readonly path: string;
}

/** Runs the rules of one part after the other; stops after each, to be continued. */
function* visit(run: RuleRun, node: RuleNode, part: Part): Generator<void> {
  const { value, old, path } = part;
  if (value === undefined || value === null || run.isOver) return;
  const isSame = node.rules.length > 0 && old !== undefined && isSamePart(part);
  for (const rule of node.rules) {
    run.check(rule, node, { ...part, isSame });
    yield;
    if (run.isOver) return;
  }
  if (isJsonObject(value)) {
    const before = node.isGranular && isJsonObject(old) ? old : {};
    for (const [name, child] of childrenOf(node, value)) {
      const inside = { value: ownValue(value, name), old: ownValue(before, name) };
      yield* visit(run, child, { ...inside, path: fieldPath(path, name) });
    }
  } else if (Array.isArray(value) && node.items !== undefined) {
    const oldItem = yield* correlate(node.itemKeys, old);
    for (const [index, item] of value.entries()) {
      yield;
      const inside = { value: item as unknown, old: oldItem(item) };
      yield* visit(run, node.items, { ...inside, path: itemPath(path, index) });
    }
  }
}

/** Rules at the root see of the metadata only what cannot change. */
function isSamePart({ value, old, path }: Part): boolean {
  return path === '' ? isSameButMetadata(value, old) : deepEqual(value, old);
}

function* childrenOf(
  node: RuleNode,
  value: Record<string, unknown>,
): Generator<[string, RuleNode]> {
  yield* node.properties;
  if (node.additional === undefined) return;
  for (const name of Object.keys(value)) yield [name, node.additional];
}

/** Finds an item of a list-map in the old list. */
function* correlate(
  keys: readonly string[] | undefined,
  old: unknown,
): Generator<void, (item: unknown) => unknown> {
  if (keys === undefined || !Array.isArray(old)) return () => undefined;
  const keyOf = (item: unknown): string =>
    JSON.stringify(keys.map((key) => (isJsonObject(item) ? ownValue(item, key) : undefined)));
  const byKey = new Map<string, unknown>();
  for (const item of old as unknown[]) {
    byKey.set(keyOf(item), item);
    yield;
  }
  return (item) => byKey.get(keyOf(item));
}
