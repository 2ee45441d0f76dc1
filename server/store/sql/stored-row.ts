import type { Selectable } from 'kysely';
import type { StoredObject } from '../object-store.js';
import { joinObject } from '../object-text.js';
import type { ObjectRow } from './tables.js';

/** The columns of OBJECT_COLUMNS. */
export type StoredRow = Pick<
  Selectable<ObjectRow>,
  'uid' | 'namespace' | 'name' | 'resource_version' | 'metadata' | 'spec' | 'status' | 'rest'
>;

export function toStoredObject(resource: string, row: StoredRow): StoredObject {
  return {
    resource,
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    resourceVersion: row.resource_version,
    json: joinObject(row, row.resource_version),
  };
}
