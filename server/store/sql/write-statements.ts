import type { KindTable } from './kind-table.js';
import { quoteIdentifier } from './identifiers.js';
import { traceOfColumn } from './origin-text.js';
import { statement, type Statement } from './statement.js';

/**
 * The statements that make revisions. Each takes arrays, one element per object, and does all in one
 * transaction: it locks the counter row, checks every object by itself, gives those that pass the
 * next versions in the order in which they came, writes them, logs them and moves the counter. What
 * does not pass takes no version, hence versions are dense.
 *
 * READ COMMITTED: the statement's snapshot is older than its lock on the counter. Rows are therefore
 * checked as locked (`FOR UPDATE` reads the newest version of a row), not as in the snapshot. A name
 * taken in between is not seen by NOT EXISTS, but breaks the unique index: then nothing happens at
 * all and the statement is sent again (`retryOn`). What a statement asks of rows that it does not
 * lock, such as whether anybody refers to an object (`blocked`), needs a snapshot that is younger than
 * the lock: that statement comes second in its transaction (`lockFirst`).
 */

/** An input column: the name and the type of one array parameter. */
export type InputColumn = readonly [name: string, type: string];

const UNIQUE_VIOLATION = '23505';

const COUNTER =
  'counter AS MATERIALIZED (SELECT value FROM revision_counter WHERE id = 1 FOR UPDATE)';

const ADVANCED = `advanced AS (
  UPDATE revision_counter AS c SET value = n.value
  FROM (SELECT max(version) AS value FROM fresh) AS n
  WHERE c.id = 1 AND n.value IS NOT NULL)`;

const CONTENT: readonly InputColumn[] = [
  ['generation', 'bigint'],
  ['metadata', 'text'],
  ['spec', 'text'],
  ['status', 'text'],
  ['rest', 'text'],
  ['labels', 'text'],
  ['owners', 'text'],
];

const CAUSE: readonly InputColumn[] = [
  ['cause_uid', 'text'],
  ['cause_fence', 'bigint'],
];

/** See origin-text.ts. */
const ORIGIN: InputColumn = ['origin', 'text'];

/** What a creation says for the log alone. */
const NOT_STORED: readonly InputColumn[] = [...CAUSE, ORIGIN];

const LEASE: readonly InputColumn[] = [
  ['worker', 'text'],
  ['fence', 'bigint'],
];

/** For the journal, an AttemptRecord as JSON text; null when there is nothing to tell. */
export const ATTEMPT: InputColumn = ['attempt', 'text'];

/** Who writes: anyone, or the worker that holds the lease and hands the object back with it. */
export type Writer = 'anyone' | 'lease-holder';

export function createInput(table: KindTable): InputColumn[] {
  return [
    ['uid', 'text'],
    ['namespace', 'text'],
    ['name', 'text'],
    ...CONTENT,
    ...fieldInput(table),
    ...NOT_STORED,
  ];
}

export function updateInput(table: KindTable, writer: Writer): InputColumn[] {
  const handBack: InputColumn[] = [
    ['failures', 'bigint'],
    ['acted_on', 'bigint'],
    ['requeue_ms', 'double precision'],
    ['requeue_reason', 'text'],
    ['keep_lease', 'boolean'],
    ['checkpoint', 'text'],
    ['converged', 'boolean'],
  ];
  return [
    ...deleteInput(writer),
    ...CONTENT,
    ...fieldInput(table),
    ...(writer === 'lease-holder' ? handBack : []),
  ];
}

export function deleteInput(writer: Writer): InputColumn[] {
  const by = writer === 'lease-holder' ? [...LEASE, ATTEMPT] : CAUSE;
  return [['uid', 'text'], ['expected', 'bigint'], ...by, ORIGIN];
}

/** After the input: two arrays of owned uids and their owners' uids. Answers `uid, version`. */
export function createStatement(table: KindTable): Statement {
  const input = createInput(table);
  const stored = input.filter((column) => !NOT_STORED.includes(column));
  const columns = stored.map(([name]) => quoteIdentifier(name));
  const values = stored.map(([name]) => inputValue(name, 'f'));
  const work = table.reconciled
    ? {
        columns: `, next_reconcile_at, fence, failures, wake_reason, wake_version, wake_trace,
    converging_since, urgent`,
        values: `, now(), 0, 0, 'change', f.version, ${TRACE}, now(), true`,
      }
    : { columns: '', values: '' };
  return statement(
    `create_${table.name}`,
    `WITH ${COUNTER},
${inputTable(input)},
fresh AS MATERIALIZED (
  SELECT i.*, counter.value + row_number() OVER (ORDER BY i.ordinal) AS version
  FROM input AS i CROSS JOIN counter
  WHERE NOT EXISTS (SELECT 1 FROM ${table.quotedName} AS t
      WHERE t.namespace = i.namespace AND t.name = i.name)
    AND NOT EXISTS (SELECT 1 FROM ${table.quotedName} AS t WHERE t.uid = i.uid)),
inserted AS (
  INSERT INTO ${table.quotedName} (resource_version, ${columns.join(', ')}${work.columns})
  SELECT f.version, ${values.join(', ')}${work.values} FROM fresh AS f),
owned AS (
  INSERT INTO owner_references (owner_uid, resource, uid)
  SELECT o.owner_uid, ${table.resourceLiteral}, o.uid
  FROM ${ownerPairs(input.length)} JOIN fresh AS f ON f.uid = o.uid),
${logged(table, 'ADDED', 'anyone')},
${ADVANCED}
SELECT uid, version FROM fresh`,
    { retryOn: [UNIQUE_VIOLATION] },
  );
}

/**
 * After the input: owner pairs as in create. Answers `uid, found, version[, held, dirty, converging_ms]`. `blocked`:
 * a condition on row `t` of the table under which it is not written; then `found` is as expected.
 */
export function updateStatement(table: KindTable, writer: Writer, blocked?: string): Statement {
  const input = updateInput(table, writer);
  const sets = [...CONTENT, ...fieldInput(table)].map(
    ([name]) => `${quoteIdentifier(name)} = ${inputValue(name, 'f')}`,
  );
  return statement(
    `update_${table.name}`,
    `WITH ${COUNTER},
${inputTable(input)},
${target(table, writer, 't.namespace, t.name, t.owners AS old_owners')},
${fresh(writer, blocked)},
updated AS (
  UPDATE ${table.quotedName} AS t
  SET resource_version = f.version, ${[...sets, ...workSets(table, writer)].join(', ')}
  FROM fresh AS f WHERE t.uid = f.uid),
disowned AS (
  DELETE FROM owner_references AS r USING fresh AS f
  WHERE r.uid = f.uid AND r.resource = ${table.resourceLiteral}
    AND f.old_owners IS NOT NULL AND f.old_owners IS DISTINCT FROM f.owners
    AND NOT EXISTS (SELECT 1 FROM ${ownerPairs(input.length)}
      WHERE o.uid = r.uid AND o.owner_uid = r.owner_uid)),
owned AS (
  INSERT INTO owner_references (owner_uid, resource, uid)
  SELECT o.owner_uid, ${table.resourceLiteral}, o.uid
  FROM ${ownerPairs(input.length)} JOIN fresh AS f ON f.uid = o.uid
  WHERE f.old_owners IS DISTINCT FROM f.owners
  ON CONFLICT DO NOTHING),
${logged(table, 'MODIFIED', writer)},
${writer === 'lease-holder' ? `${attempted(table, 'fresh AS f', 'f.version')},\n` : ''}${ADVANCED}
${answers(writer)}`,
    { lockFirst: blocked !== undefined },
  );
}

/**
 * Answers `uid, found, version[, held, dirty, converging_ms]` and the object's key and text as it last was.
 * `blocked`: as in update.
 */
export function deleteStatement(table: KindTable, writer: Writer, blocked?: string): Statement {
  return statement(
    `delete_${table.name}`,
    `WITH ${COUNTER},
${inputTable(deleteInput(writer))},
${target(table, writer, 't.namespace, t.name, t.metadata, t.spec, t.status, t.rest, t.owners')},
${fresh(writer, blocked)},
deleted AS (DELETE FROM ${table.quotedName} AS t USING fresh AS f WHERE t.uid = f.uid),
disowned AS (
  DELETE FROM owner_references AS r USING fresh AS f
  WHERE r.uid = f.uid AND r.resource = ${table.resourceLiteral} AND f.owners IS NOT NULL),
${logged(table, 'DELETED', writer)},
${writer === 'lease-holder' ? `${attempted(table, 'fresh AS f', 'f.version')},\n` : ''}${ADVANCED}
${answers(writer, ', t.namespace, t.name, t.metadata, t.spec, t.status, t.rest')}`,
    { lockFirst: blocked !== undefined },
  );
}

function fieldInput(table: KindTable): InputColumn[] {
  return table.fields.map(({ name, type }) => [name, type]);
}

/** The parameters as a table, in the order in which the calls came. */
export function inputTable(columns: readonly InputColumn[]): string {
  const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`);
  const names = columns.map(([name]) => quoteIdentifier(name));
  return `input AS MATERIALIZED (
  SELECT * FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS i(${names.join(', ')}, ordinal))`;
}

function inputValue(column: string, from: string): string {
  const value = `${from}.${quoteIdentifier(column)}`;
  return column === 'labels' ? `${value}::jsonb` : value;
}

function ownerPairs(parametersBefore: number): string {
  const [uids, owners] = [parametersBefore + 1, parametersBefore + 2];
  return `unnest($${uids}::text[], $${owners}::text[]) AS o(uid, owner_uid)`;
}

/** The objects that are there, locked in uid order (no deadlock), in their newest version. */
function target(table: KindTable, writer: Writer, columns: string): string {
  return `target AS MATERIALIZED (
  SELECT i.*, t.resource_version AS found, ${columns}${writer === 'lease-holder' ? `, ${HELD}` : ''}
  FROM counter CROSS JOIN input AS i JOIN ${table.quotedName} AS t ON t.uid = i.uid
  ORDER BY t.uid FOR UPDATE OF t)`;
}

/**
 * Whether the lease that the input claims to hold is alive, whether somebody woke the object, and the
 * age of a generation that was not reached yet.
 */
export const HELD = `coalesce(t.fence = i.fence AND t.lease_holder = i.worker
    AND t.lease_expires_at > now(), false) AS held,
  coalesce(t.next_reconcile_at < t.lease_expires_at, false) AS dirty,
  (extract(epoch FROM now() - t.converging_since) * 1000)::double precision AS converging_ms`;

function fresh(writer: Writer, blocked?: string): string {
  return `fresh AS MATERIALIZED (
  SELECT t.*, counter.value + row_number() OVER (ORDER BY t.ordinal) AS version
  FROM target AS t CROSS JOIN counter
  WHERE t.found = t.expected${writer === 'lease-holder' ? ' AND t.held' : ''}${
    blocked === undefined ? '' : `\n    AND NOT ${blocked}`
  })`;
}

function workSets(table: KindTable, writer: Writer): string[] {
  if (!table.reconciled) return [];
  if (writer === 'lease-holder') return HAND_BACK_SETS;
  return [
    'next_reconcile_at = least(coalesce(t.next_reconcile_at, now()), now())',
    'failures = CASE WHEN t.generation <> f.generation THEN 0 ELSE t.failures END',
    `wake_reason = 'change', wake_version = f.version, wake_trace = ${TRACE}`,
    `converging_since = CASE WHEN t.generation <> f.generation THEN now()
    ELSE t.converging_since END`,
    'urgent = t.urgent OR t.generation <> f.generation',
    'lost_attempts = CASE WHEN t.generation <> f.generation THEN 0 ELSE t.lost_attempts END',
  ];
}

/** The trace of the write `f`. */
const TRACE = traceOfColumn('f.origin');

/**
 * How a completion leaves the row; `f` is the completion, `t` the row. A '' drops the checkpoint. One
 * without an attempt (`acted_on` is null) leaves it as urgent, and as suspect, as it was.
 */
export const HAND_BACK_SETS = [
  'failures = f.failures',
  `urgent = CASE WHEN f.keep_lease OR f.acted_on IS NULL THEN t.urgent
    ELSE t.generation <> f.acted_on END`,
  `lost_attempts = CASE WHEN f.keep_lease OR f.acted_on IS NULL THEN t.lost_attempts ELSE 0 END`,
  'lease_holder = CASE WHEN f.keep_lease THEN t.lease_holder END',
  'lease_expires_at = CASE WHEN f.keep_lease THEN t.lease_expires_at END',
  `next_reconcile_at = CASE WHEN f.keep_lease OR f.dirty THEN t.next_reconcile_at
    ELSE now() + f.requeue_ms * interval '1 millisecond' END`,
  `wake_reason = CASE WHEN f.keep_lease OR f.dirty THEN t.wake_reason ELSE f.requeue_reason END`,
  ...['wake_version', 'wake_trace'].map(
    (column) => `${column} = CASE WHEN f.keep_lease OR f.dirty OR f.requeue_reason <> 'resync'
    THEN t.${column} END`,
  ),
  `checkpoint = CASE WHEN f.checkpoint = '' THEN NULL ELSE coalesce(f.checkpoint, t.checkpoint) END`,
  'converging_since = CASE WHEN f.converged THEN NULL ELSE t.converging_since END',
];

function logged(table: KindTable, type: 'ADDED' | 'MODIFIED' | 'DELETED', writer: Writer): string {
  const cause = writer === 'lease-holder' ? 'f.uid, f.fence' : 'f.cause_uid, f.cause_fence';
  const previous = type === 'ADDED' ? 'NULL::bigint' : 'f.found';
  return `logged AS (
  INSERT INTO revisions
    (resource_version, previous_version, type, resource, uid, namespace, name,
      cause_uid, cause_fence, origin, object)
  SELECT f.version, ${previous}, '${type}', ${table.resourceLiteral}, f.uid, f.namespace, f.name, ${cause},
    f.origin, '{' || f.rest || ',"metadata":{"resourceVersion":"' || f.version::text || '",'
      || substr(f.metadata, 2) || coalesce(',"spec":' || f.spec, '')
      || coalesce(',"status":' || f.status, '') || '}'
  FROM fresh AS f)`;
}

/** Keeps what the holders in `from` (as `f`) tell of their attempts. */
export function attempted(table: KindTable, from: string, version: string): string {
  return `attempted AS (
  INSERT INTO attempts
    (uid, fence, resource, namespace, name, worker, record, resource_version)
  SELECT f.uid, f.fence, ${table.resourceLiteral}, f.namespace, f.name, f.worker, f.attempt, ${version}
  FROM ${from} WHERE f.held AND f.attempt IS NOT NULL
  ON CONFLICT DO NOTHING)`;
}

function answers(writer: Writer, columns = ''): string {
  const lease = writer === 'lease-holder' ? ', t.held, t.dirty, t.converging_ms' : '';
  return `SELECT t.uid, t.found, f.version${lease}${columns}
FROM target AS t LEFT JOIN fresh AS f ON f.uid = t.uid`;
}
