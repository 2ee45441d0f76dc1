import { ApiError } from '../../sdk/api/errors.js';
import { deepEqual } from './deep-equal.js';
import { isJsonObject, ownValue, setOwnValue, type JsonObject } from './json-object.js';
import { listPatchRule } from './patch-merge-key.js';
import { schemaNodeOf, type JsonSchema, type SchemaNode } from './schema-walk.js';
import { orderBySetElementOrder } from './set-element-order.js';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_VALUES = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Kubernetes' strategic merge patch: as a merge patch, but lists with a merge key merge item by
 * item. Understands `$patch` (merge, replace, delete), `$retainKeys`, `$deleteFromPrimitiveList/...`
 * and `$setElementOrder/...`. Merge keys come from the schema, for core kinds also from a table.
 * Modifies neither input. Throws ApiError BadRequest for a directive or an item that makes no sense;
 * the message names its path.
 */
export function applyStrategicMergePatch(
  target: JsonObject,
  patch: unknown,
  schema: JsonSchema | undefined,
): JsonObject {
  if (!isJsonObject(patch)) {
    throw new ApiError('BadRequest', 'a strategic merge patch must be an object');
  }
  return patchMap(target, patch, schemaNodeOf(schema), '');
}

function patchMap(
  target: JsonObject,
  patch: JsonObject,
  node: SchemaNode,
  path: string,
): JsonObject {
  const directive = directiveOf(patch, path);
  if (directive === 'delete') return {};
  const result = directive === 'replace' ? {} : retained(target, patch, path);
  for (const key of Object.keys(patch)) {
    if (key === PATCH || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_VALUES)) {
      deleteValues(result, key.slice(DELETE_VALUES.length), patch[key], `${path}.${key}`);
      continue;
    }
    if (patch[key] === null) {
      delete result[key];
      continue;
    }
    const value = patchValue(key, ownValue(result, key), patch[key], node.field(key), path);
    setOwnValue(result, key, value);
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const field = key.slice(ELEMENT_ORDER.length);
    orderField(result, ownValue(target, field), patch[key], node, path, field);
  }
  return result;
}

function patchValue(
  key: string,
  before: unknown,
  change: unknown,
  node: SchemaNode,
  parentPath: string,
): unknown {
  const path = `${parentPath}.${key}`;
  if (isJsonObject(change)) {
    const replaces = node.patchStrategies.includes('replace') || !isJsonObject(before);
    return patchMap(replaces ? {} : before, change, node, path);
  }
  if (!Array.isArray(change)) return change;
  const rule = listPatchRule(key, node, change);
  const items = Array.isArray(before) ? before : [];
  if (rule.kind === 'merge-by-key') return patchItems(items, change, node, rule.mergeKey, path);
  if (rule.kind === 'merge-values' && change.every((item) => !isJsonObject(item))) {
    const merged = [...new Set<unknown>([...items, ...change])];
    return orderBySetElementOrder(merged, items, change, (item) => item);
  }
  return change;
}

function patchItems(
  before: readonly unknown[],
  change: readonly unknown[],
  node: SchemaNode,
  mergeKey: string,
  path: string,
): unknown[] {
  const isReplace = change.some((item) => isJsonObject(item) && item[PATCH] === 'replace');
  // Undefined stands for a deleted item, so that the indexes stay true.
  const result: unknown[] = isReplace ? [] : [...before];
  const indexes = new Map<unknown, number>();
  for (const [index, item] of result.entries()) {
    if (isJsonObject(item)) indexes.set(ownValue(item, mergeKey), index);
  }
  for (const item of change) {
    if (!isJsonObject(item)) {
      throw new ApiError('BadRequest', `strategic merge patch: items of ${path} must be objects`);
    }
    const directive = directiveOf(item, path);
    if (directive === 'replace' && Object.keys(item).length === 1) continue;
    const identity = ownValue(item, mergeKey);
    if (identity === undefined) {
      throw new ApiError(
        'BadRequest',
        `strategic merge patch: map: ${JSON.stringify(item)} in ${path} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const index = indexes.get(identity) ?? result.length;
    const known = result[index];
    if (directive !== 'delete') {
      result[index] = patchMap(isJsonObject(known) ? known : {}, item, node.items, path);
      indexes.set(identity, index);
    } else if (index < result.length) {
      result[index] = undefined;
    }
  }
  const identityOf = (item: unknown): unknown =>
    isJsonObject(item) ? ownValue(item, mergeKey) : undefined;
  const merged = result.filter((item) => item !== undefined);
  return orderBySetElementOrder(merged, isReplace ? [] : before, change, identityOf);
}

/** The target's fields, or those `$retainKeys` lists when the patch has it. Always a copy. */
function retained(target: JsonObject, patch: JsonObject, path: string): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...target };
  if (!Array.isArray(keys)) {
    throw new ApiError(
      'BadRequest',
      `strategic merge patch: ${path}.${RETAIN_KEYS} must be a list`,
    );
  }
  const stray = Object.keys(patch).find(
    (key) => !key.startsWith('$') && patch[key] !== null && !keys.includes(key),
  );
  if (stray !== undefined) {
    throw new ApiError(
      'BadRequest',
      `strategic merge patch: ${path}.${stray} is set but not in ${RETAIN_KEYS}; add it there`,
    );
  }
  const result: JsonObject = {};
  for (const key of Object.keys(target)) {
    if (keys.includes(key)) setOwnValue(result, key, target[key]);
  }
  return result;
}

function deleteValues(result: JsonObject, field: string, values: unknown, path: string): void {
  if (!Array.isArray(values)) {
    throw new ApiError('BadRequest', `strategic merge patch: ${path} must be a list`);
  }
  const before = ownValue(result, field);
  if (!Array.isArray(before)) return;
  setOwnValue(
    result,
    field,
    before.filter((item) => !values.some((value) => deepEqual(item, value))),
  );
}

function orderField(
  result: JsonObject,
  before: unknown,
  order: unknown,
  node: SchemaNode,
  path: string,
  field: string,
): void {
  const items = ownValue(result, field);
  if (!Array.isArray(order)) {
    throw new ApiError(
      'BadRequest',
      `strategic merge patch: ${path}.${ELEMENT_ORDER}${field} must be a list`,
    );
  }
  if (!Array.isArray(items)) return;
  const rule = listPatchRule(field, node.field(field), order);
  const identityOf = (item: unknown): unknown =>
    rule.kind === 'merge-by-key' && isJsonObject(item) ? ownValue(item, rule.mergeKey) : item;
  const known = Array.isArray(before) ? before : [];
  setOwnValue(result, field, orderBySetElementOrder(items, known, order, identityOf));
}

function directiveOf(patch: JsonObject, path: string): 'merge' | 'replace' | 'delete' {
  const directive = ownValue(patch, PATCH) ?? 'merge';
  if (directive === 'merge' || directive === 'replace' || directive === 'delete') return directive;
  throw new ApiError(
    'BadRequest',
    `strategic merge patch: unknown patch type ${JSON.stringify(directive)} at ${path === '' ? '.' : path}; it is one of merge, replace, delete`,
  );
}
