import { randomUUID } from 'node:crypto';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type {
  ApiObject,
  ManagedFieldsEntry,
  ObjectMeta,
  StoredApiObject,
} from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { deepEqual } from '../apply/deep-equal.js';
import type { FieldError } from '../api-errors.js';
import { badRequest, forbiddenField } from '../api-errors.js';
import { generateName } from '../schema/object-meta-rules.js';

/** Metadata that only the server writes. */
const SERVER_OWNED = [
  'uid',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/**
 * A new object with what the server owns: uid, times, generation 1, a generated name. What a client
 * says of those is ignored; so is a status, when the kind has the subresource.
 *
 * @throws ApiError BadRequest when the object has a resourceVersion.
 */
export function newObject(kind: KindDefinition, input: ApiObject, now: string): ApiObject {
  const { resourceVersion, ...given } = input.metadata;
  if (resourceVersion !== undefined && resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const metadata: ObjectMeta = { ...given };
  for (const field of SERVER_OWNED) delete metadata[field];
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '') {
    metadata.name = generateName(metadata.generateName ?? '');
  }
  metadata.uid = randomUUID();
  metadata.generation = 1;
  metadata.creationTimestamp = now;
  const object: ApiObject = { ...input, metadata };
  if (kind.status) delete object.status;
  return object;
}

/**
 * What an update makes of `live`: the half that the endpoint may write comes from `draft`, the rest
 * stays. `status` through the object, and everything else through `/status`, are ignored.
 */
export function nextObject(
  kind: KindDefinition,
  live: StoredApiObject,
  draft: ApiObject,
  subresource: string,
): ApiObject {
  if (subresource === 'status') {
    const metadata: ObjectMeta = { ...live.metadata };
    if (draft.metadata.managedFields !== undefined) {
      metadata.managedFields = draft.metadata.managedFields;
    }
    const next: ApiObject = { ...live, metadata, status: draft.status };
    if (draft.status === undefined) delete next.status;
    return next;
  }
  const metadata: ObjectMeta = { ...draft.metadata, name: live.metadata.name };
  for (const field of [...SERVER_OWNED, 'namespace', 'resourceVersion'] as const) {
    if (live.metadata[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: live.metadata[field] });
  }
  const next: ApiObject = { ...draft, apiVersion: live.apiVersion, kind: live.kind, metadata };
  if (kind.status) {
    if (live.status === undefined) delete next.status;
    else next.status = live.status;
  }
  return next;
}

/** Moves the generation when anything but metadata and status is different. Changes `next`. */
export function advanceGeneration(live: StoredApiObject, next: ApiObject): void {
  const { metadata: _liveMetadata, status: _liveStatus, ...liveDesired } = live;
  const { metadata: _nextMetadata, status: _nextStatus, ...nextDesired } = next;
  next.metadata.generation = deepEqual(liveDesired, nextDesired)
    ? live.metadata.generation
    : (live.metadata.generation ?? 0) + 1;
}

/**
 * The finalizer of a reconciled kind stays while the object lives, whatever an update says: it goes
 * when the reconciler has cleaned up, or by force once the object is being deleted. Changes `object`.
 */
export function keepKindFinalizer(kind: KindDefinition, object: ApiObject): void {
  const finalizer = kind.reconciled?.finalizer;
  if (finalizer === undefined || isBeingDeleted(object)) return;
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
}

export function checkFinalizersWhileDeleting(live: ApiObject, next: ApiObject): FieldError[] {
  if (!isBeingDeleted(live)) return [];
  const before = live.metadata.finalizers ?? [];
  const added = (next.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  if (added.length === 0) return [];
  const list = added.map((name) => JSON.stringify(name)).join(', ');
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  ];
}

/** True when a write would change nothing that anybody reads: times of managedFields do not count. */
export function isSameObject(live: ApiObject, next: ApiObject): boolean {
  return deepEqual(withoutBookkeeping(live), withoutBookkeeping(next));
}

function withoutBookkeeping(object: ApiObject): ApiObject {
  const { resourceVersion: _version, managedFields, ...metadata } = object.metadata;
  const owners = (managedFields ?? []).map(
    ({ time: _time, ...entry }): ManagedFieldsEntry => entry,
  );
  return { ...object, metadata: { ...metadata, managedFields: owners as ManagedFieldsEntry[] } };
}
