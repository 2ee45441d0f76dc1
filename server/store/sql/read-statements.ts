import type { KindTable } from './kind-table.js';
import { traceOfColumn } from './origin-text.js';
import { statement, type Statement } from './statement.js';

/** What it takes to make a StoredObject. */
export const OBJECT_COLUMNS = [
  ...(['uid', 'namespace', 'name', 'resource_version'] as const),
  ...(['metadata', 'spec', 'status', 'rest'] as const),
] as const;

const COLUMNS = OBJECT_COLUMNS.map((column) => `t.${column}`).join(', ');

export const CURRENT_VERSION = statement(
  'current_version',
  'SELECT value, compacted FROM revision_counter WHERE id = 1',
  { repeatable: true },
);

/** `$1` resource. `columns` are null when the kind has no table. */
export const KIND_TABLE = statement(
  'kind_table',
  `SELECT c.value, c.compacted, k.columns
FROM revision_counter AS c LEFT JOIN kind_tables AS k ON k.resource = $1::text WHERE c.id = 1`,
  { repeatable: true },
);

/** `$1` version, `$2` limit. One row without an entry when there is none. */
export const REVISIONS_AFTER = statement(
  'revisions_after',
  `SELECT c.compacted, r.*
FROM revision_counter AS c LEFT JOIN LATERAL (
  SELECT resource_version, type, resource, uid, namespace, name, object, cause_uid, cause_fence,
    ${traceOfColumn('origin')} AS traceparent
  FROM revisions WHERE resource_version > $1::bigint
  ORDER BY resource_version LIMIT $2::bigint) AS r ON true
WHERE c.id = 1 ORDER BY r.resource_version`,
  { repeatable: true },
);

/** `$1` version of the entry. Entries from before migration 3 name no predecessor. */
export const STATE_BEFORE = statement(
  'state_before',
  `SELECT p.resource, p.uid, p.namespace, p.name, p.resource_version, p.object
FROM revisions AS e JOIN revisions AS p ON p.resource_version = e.previous_version
WHERE e.resource_version = $1::bigint`,
  { repeatable: true },
);

/**
 * `$1` version, `$2` limit, `$3` bytes of objects. From entry to entry by the version of the one
 * before, newest first.
 */
export const HISTORY = statement(
  'history',
  `WITH RECURSIVE chain AS (
  SELECT r.resource_version, r.previous_version, 1::bigint AS place,
    octet_length(r.object)::bigint AS bytes
  FROM revisions AS r WHERE r.resource_version = $1::bigint
  UNION ALL
  SELECT r.resource_version, r.previous_version, c.place + 1, c.bytes + octet_length(r.object)
  FROM chain AS c JOIN revisions AS r ON r.resource_version = c.previous_version
  WHERE c.place < $2::bigint AND c.bytes + octet_length(r.object) <= $3::bigint)
SELECT r.resource_version, r.previous_version, r.type, r.resource, r.uid, r.namespace, r.name,
  r.object, r.cause_uid, r.cause_fence, r.origin, r.committed_at
FROM chain AS c JOIN revisions AS r ON r.resource_version = c.resource_version
ORDER BY c.place`,
  { repeatable: true },
);

/** `$1` resource, `$2` namespace, `$3` name. */
export const DELETION_OF = statement(
  'deletion_of',
  `SELECT max(resource_version) AS version FROM revisions
WHERE type = 'DELETED' AND resource = $1::text AND namespace = $2::text AND name = $3::text`,
  { repeatable: true },
);

/** `$1` owner uid, `$2` and `$3` the place to go on after, `$4` limit. Along the primary key. */
export const OWNED_BY = statement(
  'owned_by',
  `SELECT resource, uid FROM owner_references
WHERE owner_uid = $1::text AND (resource, uid) > ($2::text, $3::text)
ORDER BY resource, uid LIMIT $4::bigint`,
  { repeatable: true },
);

/** `$1` namespace, `$2` name. */
export function getStatement(table: KindTable): Statement {
  return statement(
    `get_${table.name}`,
    `SELECT ${COLUMNS} FROM ${table.quotedName} AS t WHERE t.namespace = $1::text AND t.name = $2::text`,
    { repeatable: true },
  );
}

/** `$1` uids. */
export function getByUidStatement(table: KindTable): Statement {
  return statement(
    `get_by_uid_${table.name}`,
    `SELECT ${COLUMNS} FROM ${table.quotedName} AS t WHERE t.uid = ANY($1::text[])`,
    { repeatable: true },
  );
}
