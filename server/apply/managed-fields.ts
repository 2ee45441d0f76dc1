import type { ApiObject, ManagedFieldsEntry } from '../../sdk/api/object.js';
import { collapseAtomic } from './collapse-atomic.js';
import {
  difference,
  equalSets,
  fieldSetOfPaths,
  isEmptySet,
  union,
  type FieldSet,
} from './field-set.js';
import { fromFieldsV1, isFieldsV1, toFieldsV1 } from './fields-v1.js';
import { withoutKey, type JsonObject } from './json-object.js';
import type { SchemaNode } from './schema-walk.js';

/** Who owns fields: an entry of `managedFields` apart from its time and fields. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

/** A `managedFields` entry with its fields parsed. Immutable: a change makes a new one. */
export interface OwnedFields {
  readonly owner: FieldOwner;
  readonly fields: FieldSet;
  readonly time: string | undefined;
  /** The fields as they were read, while they stay: written back as they are. */
  readonly fieldsV1: JsonObject | undefined;
}

/** What the server itself writes or what names the object: nobody owns it. */
const UNOWNED_FIELDS: FieldSet = fieldSetOfPaths([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'managedFields',
    'selfLink',
    'clusterName',
  ].map((name) => ['f:metadata', `f:${name}`]),
]);

/** Update entries beyond this many are joined into one, oldest first, as Kubernetes does. */
const MAX_UPDATE_ENTRIES = 10;
const JOINED_ENTRIES_MANAGER = 'ancient-changes';

/** The set without fields that nobody can own. */
export function withoutUnownedFields(fields: FieldSet): FieldSet {
  return difference(fields, UNOWNED_FIELDS);
}

/** Same owner: for Apply the manager and subresource, for Update the API version as well. */
export function isSameOwner(left: FieldOwner, right: FieldOwner): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

/** True when the entry says all that `readManagedFields` needs. */
export function isReadable(entry: ManagedFieldsEntry): boolean {
  return saysWhose(entry) && isFieldsV1(entry.fieldsV1 ?? {});
}

function saysWhose(entry: ManagedFieldsEntry): boolean {
  return (
    (entry.operation === 'Apply' || entry.operation === 'Update') &&
    entry.fieldsType === 'FieldsV1' &&
    typeof entry.apiVersion === 'string' &&
    entry.apiVersion !== ''
  );
}

/**
 * Reads the entries, in the shape that the schema of today gives them; those that cannot be read
 * are dropped, those of versions that are not served, and Update entries without fields. Of two
 * entries of one owner the last one counts. Undefined gives none.
 */
export function readManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
  node: SchemaNode,
  isServed: (apiVersion: string) => boolean = () => true,
): OwnedFields[] {
  const owned = new Map<string, OwnedFields>();
  for (const entry of entries ?? []) {
    if (!saysWhose(entry) || !isServed(entry.apiVersion)) continue;
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry;
    const parsed = fromFieldsV1(fieldsV1);
    if (isEmptySet(parsed) && operation === 'Update') continue;
    const fields = collapseAtomic(parsed, node);
    const owner = { manager, operation, apiVersion, subresource };
    const key = JSON.stringify([
      manager,
      operation,
      subresource,
      operation === 'Update' ? apiVersion : '',
    ]);
    owned.set(key, { owner, fields, time, fieldsV1: fields === parsed ? fieldsV1 : undefined });
  }
  return [...owned.values()];
}

/** A changed entry, or the entry itself when fields and time stay. */
export function withFields(entry: OwnedFields, fields: FieldSet, time = entry.time): OwnedFields {
  const isSame = fields === entry.fields || equalSets(fields, entry.fields);
  if (isSame) return time === entry.time ? entry : { ...entry, time };
  return { owner: entry.owner, fields, time, fieldsV1: undefined };
}

/**
 * The object with these entries in `metadata.managedFields`, in Kubernetes' order: Apply before
 * Update, older before newer, then by manager. Entries that lost their last field are left out; with
 * none left the property is absent. Shares all else with `object`.
 */
export function withManagedFields<T extends ApiObject>(
  object: T,
  entries: readonly OwnedFields[],
): T {
  const kept = entries.filter((entry) => !isEmptySet(entry.fields)).toSorted(compareEntries);
  const metadata = withoutKey(object.metadata, 'managedFields');
  if (kept.length === 0) return metadata === object.metadata ? object : { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: kept.map(writeEntry) } };
}

/** The object as ownership compares it: without its `managedFields`. */
export function withoutManagedFields<T extends ApiObject>(object: T): T {
  const metadata = withoutKey(object.metadata ?? {}, 'managedFields');
  return metadata === object.metadata ? object : { ...object, metadata };
}

/** Joins the oldest Update entries of each API version while there are more than Kubernetes keeps. */
export function joinOldUpdates(entries: readonly OwnedFields[]): readonly OwnedFields[] {
  const updates = entries.filter(
    ({ owner, fields }) => owner.operation === 'Update' && !isEmptySet(fields),
  );
  let excess = updates.length - MAX_UPDATE_ENTRIES;
  if (excess <= 0) return entries;
  const joined = new Map<string, OwnedFields[]>();
  for (const entry of updates.toSorted(compareEntries)) {
    const bucket = joined.get(entry.owner.apiVersion);
    if (bucket === undefined) joined.set(entry.owner.apiVersion, [entry]);
    else if (excess > 0) {
      bucket.push(entry);
      excess -= 1;
    }
  }
  const result = new Set(entries);
  for (const [apiVersion, bucket] of joined) {
    if (bucket.length < 2) continue;
    for (const entry of bucket) result.delete(entry);
    result.add({
      owner: {
        manager: JOINED_ENTRIES_MANAGER,
        operation: 'Update',
        apiVersion,
        subresource: undefined,
      },
      fields: bucket.map((entry) => entry.fields).reduce(union),
      time: bucket.at(-1)?.time,
      fieldsV1: undefined,
    });
  }
  return [...result];
}

function writeEntry(entry: OwnedFields): ManagedFieldsEntry {
  const { manager, operation, apiVersion, subresource } = entry.owner;
  return {
    manager,
    operation,
    apiVersion,
    ...(entry.time !== undefined && { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: entry.fieldsV1 ?? toFieldsV1(entry.fields),
    ...(subresource !== undefined && subresource !== '' && { subresource }),
  };
}

function compareEntries(left: OwnedFields, right: OwnedFields): number {
  return (
    compareText(left.owner.operation, right.owner.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.owner.manager, right.owner.manager) ||
    compareText(left.owner.apiVersion, right.owner.apiVersion) ||
    compareText(left.owner.subresource ?? '', right.owner.subresource ?? '')
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
