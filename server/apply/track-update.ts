import type { ApiObject, ManagedFieldsEntry } from '../../sdk/api/object.js';
import { compareObjects } from './compare-objects.js';
import { difference, isEmptySet, union } from './field-set.js';
import {
  isReadable,
  isSameOwner,
  joinOldUpdates,
  readManagedFields,
  withFields,
  withManagedFields,
  withoutManagedFields,
  withoutUnownedFields,
  type FieldOwner,
  type OwnedFields,
} from './managed-fields.js';
import { schemaNodeOf, type JsonSchema } from './schema-walk.js';

export interface TrackUpdateInput {
  /** What is stored; undefined for a create. */
  live: ApiObject | undefined;
  /** What is about to be stored, defaults and server-set fields included. */
  updated: ApiObject;
  /** The name from `fieldManager`, or what stands for it. */
  manager: string;
  schema: JsonSchema | undefined;
  /** The version of the request, `group/version`. */
  apiVersion: string;
  /** Whether a version is served: nobody owns anything in one that is not. Default: every one is. */
  isServed?: (apiVersion: string) => boolean;
  /** 'status' and the like; absent for the object itself. */
  subresource?: string;
  /** RFC 3339, whole seconds. */
  now: string;
  /**
   * For a create: what an object of this kind holds before anybody writes. Kubernetes' built-in
   * kinds have `{ spec: {}, status: {} }` and the like, which then nobody owns as such; custom
   * kinds have nothing (the default).
   */
  blank?: Record<string, unknown>;
}

/**
 * The object with `managedFields` as Kubernetes writes them for a create, PUT or PATCH: what the
 * write adds or changes belongs to the manager's Update entry, others lose what it changes, and
 * everybody loses what it removes. `time` moves only when the manager gains fields.
 *
 * An object that has no entries is not tracked, as in Kubernetes, until somebody applies to it. A
 * request may write `metadata.managedFields` itself: a list replaces the entries, `[{}]` clears
 * them; an absent or empty list keeps them, and one with an entry that cannot be read; through a
 * subresource it is ignored. Never throws, modifies no input; with nothing changed it costs one
 * comparison and keeps the live entries.
 */
export function trackUpdate(input: TrackUpdateInput): ApiObject {
  const { live, updated, now } = input;
  const before = entriesBefore(input);
  if (live !== undefined && before.length === 0) return withManagedFields(updated, []);
  const node = schemaNodeOf(input.schema);
  const empty = { ...input.blank, apiVersion: updated.apiVersion, kind: updated.kind };
  const comparison = compareObjects(
    live === undefined ? empty : withoutManagedFields(live),
    withoutManagedFields(updated),
    node,
  );
  const gained = withoutUnownedFields(comparison.changed);
  const lost = union(gained, comparison.removed);
  if (isEmptySet(lost) && before === live?.metadata.managedFields) {
    return updated.metadata.managedFields === before
      ? updated
      : { ...updated, metadata: { ...updated.metadata, managedFields: [...before] } };
  }

  const owned = readManagedFields(before, node, input.isServed).map((entry) =>
    withFields(entry, difference(entry.fields, lost)),
  );
  const owner: FieldOwner = {
    manager: input.manager,
    operation: 'Update',
    apiVersion: input.apiVersion,
    subresource: input.subresource,
  };
  return withManagedFields(
    updated,
    isEmptySet(gained) ? owned : joinOldUpdates(withGained(owned, { owner, fields: gained, now })),
  );
}

/** The entries with these fields added to their owner's. */
function withGained(
  entries: readonly OwnedFields[],
  gained: Pick<OwnedFields, 'owner' | 'fields'> & { now: string },
): OwnedFields[] {
  const { owner, fields, now: time } = gained;
  const own = entries.find((entry) => isSameOwner(entry.owner, owner));
  if (own === undefined) return [...entries, { owner, fields, time, fieldsV1: undefined }];
  const grown = withFields(own, union(own.fields, fields), time);
  return entries.map((entry) => (entry === own ? grown : entry));
}

function entriesBefore(input: TrackUpdateInput): readonly ManagedFieldsEntry[] {
  const live = listOf(input.live?.metadata.managedFields);
  if (input.subresource !== undefined) return live;
  const given = listOf(input.updated.metadata.managedFields);
  if (given === live || given.length === 0) return live;
  const [first] = given;
  if (given.length === 1 && first !== undefined && Object.keys(first).length === 0) return [];
  return given.every(isReadable) ? given : live;
}

const NO_ENTRIES: readonly ManagedFieldsEntry[] = [];

function listOf(entries: ManagedFieldsEntry[] | undefined): readonly ManagedFieldsEntry[] {
  return Array.isArray(entries) ? entries : NO_ENTRIES;
}
