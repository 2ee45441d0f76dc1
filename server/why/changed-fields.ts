import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Condition } from '../../sdk/api/condition.js';
import { shortened } from '../../sdk/api/errors.js';
import type { WhyCondition } from '../../sdk/api/why.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject, ownValue } from '../apply/json-object.js';
import { fieldPath, itemPath } from '../schema/field-path.js';

const MAX_PATHS = 20;
/** Below this, the field at this depth is named. */
const MAX_DEPTH = 8;
const MAX_PATH_CHARS = 200;
const MAX_CONDITIONS = 20;
const MAX_MESSAGE_CHARS = 300;

/** What the server keeps by itself: it changes with every write. */
const KEPT = new Set([
  'resourceVersion',
  'managedFields',
  'generation',
  'uid',
  'creationTimestamp',
]);

/**
 * Paths of the fields in which two states of an object differ, never their values: 20 at most, the last
 * being `...` when there are more. Of a status only that it did.
 */
export function changedFields(before: StoredApiObject, after: StoredApiObject): string[] {
  const paths: string[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, next] = [ownValue(before, name), ownValue(after, name)];
    if (name === 'metadata') compareMetadata(old, next, paths);
    else if (name === 'status') addIf(!deepEqual(old, next), name, paths);
    else compare(old, next, { path: name, depth: 1 }, paths);
  }
  return paths.length > MAX_PATHS ? [...paths.slice(0, MAX_PATHS - 1), '...'] : paths;
}

/** The conditions of `after` that are new, or have another status or reason. */
export function changedConditions(
  before: StoredApiObject | undefined,
  after: StoredApiObject,
): WhyCondition[] {
  const old = new Map(conditionsOf(before).map((each) => [each.type, each]));
  return conditionsOf(after)
    .filter(({ type, status, reason }) => {
      const was = old.get(type);
      return was?.status !== status || was.reason !== reason;
    })
    .slice(0, MAX_CONDITIONS)
    .map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      ...(message !== '' && { message: shortened(String(message), MAX_MESSAGE_CHARS) }),
    }));
}

export function conditionsOf(object: StoredApiObject | undefined): readonly Condition[] {
  const status = object?.status;
  const conditions = isJsonObject(status) ? ownValue(status, 'conditions') : undefined;
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

function isCondition(value: unknown): value is Condition {
  return (
    isJsonObject(value) &&
    ['type', 'status', 'reason'].every((name) => typeof value[name] === 'string')
  );
}

function compareMetadata(before: unknown, after: unknown, paths: string[]): void {
  if (!isJsonObject(before) || !isJsonObject(after)) return;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (KEPT.has(name)) continue;
    addIf(!deepEqual(ownValue(before, name), ownValue(after, name)), `metadata.${name}`, paths);
  }
}

function compare(
  before: unknown,
  after: unknown,
  at: { readonly path: string; readonly depth: number },
  paths: string[],
): void {
  if (paths.length > MAX_PATHS || deepEqual(before, after)) return;
  const depth = at.depth + 1;
  if (depth <= MAX_DEPTH && isJsonObject(before) && isJsonObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const place = { path: fieldPath(at.path, name), depth };
      compare(ownValue(before, name), ownValue(after, name), place, paths);
    }
    return;
  }
  const areLists = Array.isArray(before) && Array.isArray(after) && before.length === after.length;
  if (depth <= MAX_DEPTH && areLists) {
    for (const [i, item] of before.entries()) {
      compare(item, after[i], { path: itemPath(at.path, i), depth }, paths);
    }
    return;
  }
  addIf(true, at.path, paths);
}

function addIf(differs: boolean, path: string, paths: string[]): void {
  if (differs) paths.push(shortened(path, MAX_PATH_CHARS));
}
