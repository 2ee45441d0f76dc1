import { ApiError } from '../../sdk/api/errors.js';
import { formatKey, gvkOf, objectKeyOf, type ApiObject } from '../../sdk/api/object.js';
import { conflictError, conflictsOf, type FieldConflict } from './apply-conflict.js';
import { compareObjects } from './compare-objects.js';
import {
  difference,
  EMPTY_FIELD_SET,
  equalSets,
  isEmptySet,
  isSubset,
  union,
  type FieldSet,
} from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { isJsonObject, ownValue, withoutKey } from './json-object.js';
import { fieldsOfLastApplied, KUBECTL_MANAGER, withLastApplied } from './last-applied.js';
import {
  isSameOwner,
  readManagedFields,
  withFields,
  withManagedFields,
  withoutManagedFields,
  withoutUnownedFields,
  type FieldOwner,
  type OwnedFields,
} from './managed-fields.js';
import { mergeApplied } from './merge-applied.js';
import { pruneFields } from './prune-fields.js';
import { schemaNodeOf, type JsonSchema, type SchemaNode } from './schema-walk.js';
import { trackUpdate } from './track-update.js';

export interface ApplyInput {
  /** What is stored; undefined when the apply creates the object. */
  live: ApiObject | undefined;
  /** The configuration: only what the manager has an opinion on. */
  applied: ApiObject;
  manager: string;
  /** Takes fields from other managers where they conflict. */
  force: boolean;
  schema: JsonSchema | undefined;
  /** The version of the request, `group/version`. */
  apiVersion: string;
  /** Whether a version is served: nobody owns anything in one that is not. Default: every one is. */
  isServed?: (apiVersion: string) => boolean;
  /** 'status' and the like; absent for the object itself. */
  subresource?: string;
  /** RFC 3339, whole seconds. */
  now: string;
  /** Paths of field names that this request cannot set, such as [['status']]: left out, unowned. */
  ignoredFields?: readonly (readonly string[])[];
}

/** The manager of what was there before the first apply to an untracked object. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Metadata that only the server writes; a configuration that has it does not change it. */
const SERVER_METADATA: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
];

/**
 * Kubernetes' server-side apply: the object to store, `managedFields` included. Fields the manager
 * applied before and leaves out now go unless somebody else owns them. The caller validates the
 * result, gives it defaults, and checks `metadata.uid` and `resourceVersion` of the configuration,
 * which are not merged.
 *
 * Applying the same configuration again gives the live object itself, times included. No input is
 * modified; the result shares parts with both.
 *
 * Throws ApiError Conflict, in Kubernetes' words and with a cause per field, when it would change
 * fields of others without `force`; Invalid for duplicate or incomplete list-map items; BadRequest
 * when the configuration has `managedFields`.
 */
export function applyServerSide(input: ApplyInput): ApiObject {
  const { manager, apiVersion, now } = input;
  const node = schemaNodeOf(input.schema);
  const applied = applicableConfig(input);
  const live = trackedLive(input);
  const bare: ApiObject =
    live === undefined
      ? { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { name: '' } }
      : withoutManagedFields(live);
  const owner: FieldOwner = {
    manager,
    operation: 'Apply',
    apiVersion,
    subresource: input.subresource,
  };
  const entries = readManagedFields(live?.metadata.managedFields, node, input.isServed);
  const own = entries.find((entry) => isSameOwner(entry.owner, owner));
  const others = entries.filter((entry) => entry !== own);
  const configFields = fieldsOfObject(applied, node, subjectOf(applied));

  const merged = mergeApplied(bare, applied, node) as ApiObject;
  const pruned = withoutAbandoned(merged, node, own?.fields, configFields, others);
  // A list applied empty owns nothing and goes with its last item: it is put back, still empty.
  const result = pruned === merged ? merged : (mergeApplied(pruned, applied, node) as ApiObject);
  const { changed, removed } = compareObjects(bare, result, node);
  const conflicts = conflictsOf(others, changed);
  if (conflicts.length > 0 && !input.force) assertAllowed(conflicts, manager, bare, node);

  const lost = union(changed, removed);
  const left = others.map((entry) => withFields(entry, difference(entry.fields, lost)));
  const fields = withoutUnownedFields(configFields);
  const known = own ?? { owner, fields: EMPTY_FIELD_SET, time: now, fieldsV1: undefined };
  const isUnchanged =
    result === bare && known.owner.apiVersion === apiVersion && equalSets(fields, known.fields);
  if (live !== undefined && isUnchanged && left.every((entry, index) => entry === others[index])) {
    return withLastApplied(live, input.applied, manager);
  }
  const mine = isUnchanged ? known : { ...withFields(known, fields, now), owner };
  return withLastApplied(withManagedFields(result, [...left, mine]), input.applied, manager);
}

/** The configuration without what nobody can apply here. */
function applicableConfig(input: ApplyInput): ApiObject {
  const { applied } = input;
  const managedFields = applied.metadata?.managedFields;
  if (managedFields !== undefined && managedFields !== null) {
    throw new ApiError(
      'BadRequest',
      'metadata.managedFields must be nil: an applied configuration cannot say who owns fields; remove it',
    );
  }
  let metadata = applied.metadata ?? {};
  for (const field of SERVER_METADATA) metadata = withoutKey(metadata, field);
  let config: unknown = metadata === applied.metadata ? applied : { ...applied, metadata };
  for (const path of input.ignoredFields ?? []) config = withoutPath(config, path);
  return config as ApiObject;
}

/** The live object; what an untracked one holds is given an owner first. */
function trackedLive(input: ApplyInput): ApiObject | undefined {
  const { live, schema, apiVersion, now } = input;
  if (live === undefined || (live.metadata.managedFields ?? []).length > 0) return live;
  const manager = BEFORE_FIRST_APPLY;
  return trackUpdate({ live: undefined, updated: live, manager, schema, apiVersion, now });
}

/** The merged object without what this manager applied last time and nobody claims now. */
function withoutAbandoned(
  merged: ApiObject,
  node: SchemaNode,
  last: FieldSet | undefined,
  fields: FieldSet,
  others: readonly OwnedFields[],
): ApiObject {
  if (last === undefined || isSubset(last, fields)) return merged;
  const owned = others.map((entry) => entry.fields).reduce(union, fields);
  return pruneFields(merged, node, last, owned) as ApiObject;
}

/** kubectl may take over what its client-side form applied, so `--server-side` just works. */
function assertAllowed(
  conflicts: readonly FieldConflict[],
  manager: string,
  live: ApiObject,
  node: SchemaNode,
): void {
  if (manager !== KUBECTL_MANAGER) throw conflictError(conflicts);
  const allowed = fieldsOfLastApplied(live, node);
  const refused = conflicts
    .map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (refused.length > 0) throw conflictError(refused);
}

function withoutPath(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || !isJsonObject(value) || !Object.hasOwn(value, key)) return value;
  if (rest.length === 0) return withoutKey(value, key);
  const before = ownValue(value, key);
  const after = withoutPath(before, rest);
  return after === before ? value : { ...value, [key]: after };
}

function subjectOf(applied: ApiObject): string {
  const { group, version, kind } = gvkOf(applied);
  const gvk = `${group === '' ? '' : `${group}/`}${version}, Kind=${kind}`;
  return `failed to create typed patch object (${formatKey(objectKeyOf(applied))}; ${gvk})`;
}
