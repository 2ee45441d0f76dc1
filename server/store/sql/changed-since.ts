import { sql, type CompiledQuery, type RawBuilder, type SqlBool } from 'kysely';
import type { ObjectKey } from '../object-selection.js';
import type { ListOptions } from '../object-store.js';
import type { KindTable } from './kind-table.js';
import { queryBuilder as db } from './query-builder.js';

/** Where to look for objects that changed: after the list's version, up to what its rows reflect. */
export interface ChangeRange {
  readonly at: number;
  readonly through: number;
  /** Keys after this one. */
  readonly after: ObjectKey | undefined;
  /** Keys up to this one. */
  readonly until: ObjectKey | undefined;
  readonly limit: number | undefined;
}

/** One row of the answer: without an object when nothing changed, without its text when it is lost. */
export interface ChangedRow {
  readonly compacted: number;
  /** How many there are without regard to `until` and the limit; 0 where nobody needs to know. */
  readonly total: number;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly uid: string | null;
  readonly resource_version: number | null;
  readonly object: string | null;
}

/**
 * Objects that were there at a version and changed since, as they were then, in the order of lists.
 * Found by the one entry of each that followed the version: its predecessor is not after it.
 */
export function changedSinceQuery(
  table: KindTable,
  { namespace = '', left }: ListOptions,
  { at, through, after, until, limit }: ChangeRange,
): CompiledQuery<ChangedRow> {
  // Versions are literals: the planner must see how little of the log there is to read.
  const [from, to] = [sql.lit(at), sql.lit(through)];
  const conditions: RawBuilder<SqlBool>[] = [
    sql`resource_version > ${from} AND resource_version <= ${to}`,
    sql`resource = ${table.resource}`,
    // Entries from before migration 3 name no predecessor: whether it is wanted cannot be known.
    sql`(previous_version <= ${from} OR (previous_version IS NULL AND type <> 'ADDED'))`,
  ];
  if (namespace !== '') conditions.push(sql`namespace = ${namespace}`);
  if (after !== undefined) {
    conditions.push(sql`(namespace, name) > (${after.namespace}, ${after.name})`);
  }
  const all = sql.join(conditions, sql` AND `);
  const bounded =
    until === undefined
      ? all
      : sql`${all} AND (namespace, name) <= (${until.namespace}, ${until.name})`;
  return sql<ChangedRow>`SELECT c.compacted,
  ${left === undefined ? sql`(SELECT count(*) FROM revisions WHERE ${all})` : sql.lit(0)} AS total,
  e.namespace, e.name, p.uid, p.resource_version, p.object
FROM revision_counter AS c
LEFT JOIN (SELECT namespace, name, previous_version FROM revisions WHERE ${bounded}
  ORDER BY namespace, name ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}) AS e ON true
LEFT JOIN revisions AS p ON p.resource_version = e.previous_version
WHERE c.id = 1 ORDER BY e.namespace, e.name`.compile(db);
}
