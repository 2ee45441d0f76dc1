import { PLACES_A_TURN } from '../claim-turn.js';
import type { KindTable } from './kind-table.js';
import { statement, type Statement } from './statement.js';
import {
  ATTEMPT,
  attempted,
  HAND_BACK_SETS,
  HELD,
  inputTable,
  type InputColumn,
} from './write-statements.js';

/**
 * The statements on the work columns alone: no revision, no lock on the counter. All times are the
 * database's. Rows are locked in uid order, so that two such statements cannot deadlock.
 */

export const HAND_BACK_INPUT: readonly InputColumn[] = [
  ['uid', 'text'],
  ['worker', 'text'],
  ['fence', 'bigint'],
  ['failures', 'bigint'],
  ['acted_on', 'bigint'],
  ['requeue_ms', 'double precision'],
  ['requeue_reason', 'text'],
  ['keep_lease', 'boolean'],
  ['checkpoint', 'text'],
  ['converged', 'boolean'],
  ATTEMPT,
];

const RENEW_INPUT: readonly InputColumn[] = [
  ['uid', 'text'],
  ['fence', 'bigint'],
];

const WAKE_INPUT: readonly InputColumn[] = [
  ['uid', 'text'],
  ['known_at_fence', 'bigint'],
  ['wake_version', 'bigint'],
  ['wake_trace', 'text'],
];

const HEARTBEAT_INPUT: readonly InputColumn[] = [
  ['name', 'text'],
  ['heartbeat_ms', 'double precision'],
];

/**
 * What is due. `$1` worker, `$2` lease in ms, `$3` limit, `$4` what the turn has taken (`claim-turn.ts`
 * has the rule of the places). Each sort is read along its index, so that it costs what it gets, not
 * what there is. Passes over rows that another statement holds right now.
 */
export function claimDueStatement(table: KindTable): Statement {
  const oldest = (
    where: string,
    dueAt: string,
  ): string => `SELECT t.uid, ${dueAt} AS due_at, ${ALIVE} AS alive
  FROM ${table.quotedName} AS t
  WHERE ${where} AND ${UNLEASED}
  ORDER BY ${dueAt} LIMIT $3 FOR UPDATE SKIP LOCKED`;
  const due = 't.next_reconcile_at <= now()';
  const silent = `silent AS MATERIALIZED (
  ${oldest(
    `t.heartbeat_deadline_at <= now() AND (t.next_reconcile_at IS NULL OR t.next_reconcile_at > now())`,
    't.heartbeat_deadline_at',
  )}),
`;
  const others =
    'SELECT * FROM others' + (table.heartbeat ? ' UNION ALL SELECT * FROM silent' : '');
  const nth = 'row_number() OVER (ORDER BY due_at)';
  return statement(
    `claim_due_${table.name}`,
    `WITH urgent AS MATERIALIZED (
  ${oldest(`t.urgent AND ${due}`, 't.next_reconcile_at')}),
others AS MATERIALIZED (
  ${oldest(`NOT t.urgent AND ${due}`, 't.next_reconcile_at')}),
${table.heartbeat ? silent : ''}placed AS (
  SELECT uid, due_at, alive, ${nth} + floor((${nth} - 1) / ${PLACES_A_TURN - 1}.0) AS place FROM urgent
  UNION ALL
  SELECT uid, due_at, alive, ${PLACES_A_TURN} * ${nth} - $4::bigint AS place FROM (${others}) AS o),
due AS MATERIALIZED (SELECT uid, due_at, alive FROM placed ORDER BY place LIMIT $3),
${leased(table)}`,
  );
}

/**
 * `$1` worker, `$2` lease in ms, `$3` limit, `$4` the uids. Waits for rows that another statement
 * holds: the hint comes once.
 */
export function claimUidsStatement(table: KindTable): Statement {
  const past = (column: string): string => `t.${column} <= now()`;
  const due = table.heartbeat
    ? `(${past('next_reconcile_at')} OR ${past('heartbeat_deadline_at')})`
    : past('next_reconcile_at');
  return statement(
    `claim_${table.name}`,
    `WITH due AS MATERIALIZED (
  SELECT t.uid, coalesce(t.next_reconcile_at, t.heartbeat_deadline_at) AS due_at, ${ALIVE} AS alive
  FROM ${table.quotedName} AS t
  WHERE ${due} AND ${UNLEASED} AND t.uid = ANY($4::text[])
  ORDER BY t.uid LIMIT $3 FOR UPDATE),
${leased(table)}`,
  );
}

const ALIVE = 'coalesce(t.heartbeat_deadline_at > now(), false)';
const UNLEASED = '(t.lease_expires_at IS NULL OR t.lease_expires_at <= now())';

/** Leases what is in `due` (uid, due_at, alive), and answers it: urgent first, then the oldest. */
function leased(table: KindTable): string {
  const expires = "now() + $2::double precision * interval '1 millisecond'";
  return `claimed AS (
  UPDATE ${table.quotedName} AS t
  SET lease_holder = $1::text, fence = t.fence + 1,
    lost_attempts = t.lost_attempts + CASE WHEN t.lease_holder IS NULL THEN 0 ELSE 1 END,
    lease_expires_at = ${expires}, next_reconcile_at = ${expires},
    heartbeat_deadline_at = CASE WHEN due.alive THEN t.heartbeat_deadline_at END,
    ${CAUSE_SETS.join(', ')}
  FROM due WHERE t.uid = due.uid
  RETURNING t.uid, t.namespace, t.name, t.resource_version, t.metadata, t.spec, t.status, t.rest,
    t.fence, t.failures, t.urgent, t.lost_attempts, t.checkpoint, t.wake_reason, t.wake_version, t.wake_trace,
    due.alive, due.due_at)
SELECT uid, namespace, name, resource_version, metadata, spec, status, rest, fence, failures,
  urgent, lost_attempts, checkpoint, wake_reason, wake_version, wake_trace, alive,
  greatest(extract(epoch FROM now() - due_at) * 1000, 0)::double precision AS due_for_ms
FROM claimed ORDER BY urgent DESC, due_at`;
}

/**
 * What made the row due, as the claim finds it. A holder that handed nothing back is still there; a
 * row whose time has not come is due for its silence.
 */
const CAUSE_SETS = [
  `wake_reason = CASE WHEN t.next_reconcile_at > now() OR t.next_reconcile_at IS NULL THEN 'heartbeat'
      WHEN t.lease_holder IS NULL THEN t.wake_reason ELSE 'leaseExpired' END`,
  ...['wake_version', 'wake_trace'].map(
    (column) => `${column} = CASE WHEN t.next_reconcile_at <= now() THEN t.${column} END`,
  ),
];

/** Ends leases without a change of the object. Answers `uid, held, dirty, converging_ms`. */
export function handBackStatement(table: KindTable): Statement {
  return statement(
    `hand_back_${table.name}`,
    `WITH ${inputTable(HAND_BACK_INPUT)},
target AS MATERIALIZED (
  SELECT i.*, t.namespace, t.name, ${HELD}
  FROM input AS i JOIN ${table.quotedName} AS t ON t.uid = i.uid ORDER BY t.uid FOR UPDATE OF t),
updated AS (
  UPDATE ${table.quotedName} AS t SET ${HAND_BACK_SETS.join(', ')}
  FROM target AS f
  WHERE t.uid = f.uid AND f.held
    AND (NOT f.keep_lease OR t.failures <> f.failures OR f.checkpoint IS NOT NULL)),
${attempted(table, 'target AS f', 'NULL::bigint')}
SELECT uid, held, dirty, converging_ms FROM target`,
  );
}

/** After uids and fences: the worker and the lease in ms. Answers the uids whose lease goes on. */
export function renewStatement(table: KindTable): Statement {
  const [worker, leaseMs] = [RENEW_INPUT.length + 1, RENEW_INPUT.length + 2];
  const expires = `greatest(t.lease_expires_at,
      now() + $${leaseMs}::double precision * interval '1 millisecond')`;
  return statement(
    `renew_${table.name}`,
    `WITH ${inputTable(RENEW_INPUT)},
target AS MATERIALIZED (
  SELECT t.uid FROM input AS i JOIN ${table.quotedName} AS t ON t.uid = i.uid
  WHERE t.fence = i.fence AND t.lease_holder = $${worker}::text AND t.lease_expires_at > now()
  ORDER BY t.uid FOR UPDATE OF t)
UPDATE ${table.quotedName} AS t
SET lease_expires_at = ${expires},
  next_reconcile_at = CASE WHEN t.next_reconcile_at < t.lease_expires_at
    THEN t.next_reconcile_at ELSE ${expires} END
FROM target AS f WHERE t.uid = f.uid
RETURNING t.uid`,
    { repeatable: true },
  );
}

/** `$1` the most to count: so many entries of an index that holds only what has a time to be looked at. */
export function countDueStatement(table: KindTable): Statement {
  return statement(
    `count_due_${table.name}`,
    `SELECT count(*) AS count FROM (
  SELECT 1 FROM ${table.quotedName} WHERE next_reconcile_at <= now() LIMIT $1::bigint) AS due`,
    { repeatable: true },
  );
}

/** Uids, known fences, and the versions and traces that wake. Answers the uids that were not due before. */
export function wakeStatement(table: KindTable): Statement {
  return statement(
    `wake_${table.name}`,
    `WITH ${inputTable(WAKE_INPUT)},
target AS MATERIALIZED (
  SELECT t.uid, i.wake_version, i.wake_trace
  FROM input AS i JOIN ${table.quotedName} AS t ON t.uid = i.uid
  WHERE t.fence IS DISTINCT FROM i.known_at_fence
    AND (t.next_reconcile_at IS NULL OR t.next_reconcile_at > now())
  ORDER BY t.uid FOR UPDATE OF t)
UPDATE ${table.quotedName} AS t
SET next_reconcile_at = now(), wake_version = f.wake_version, wake_trace = f.wake_trace,
  wake_reason = CASE WHEN f.wake_version IS NULL THEN 'resync' ELSE 'dependency' END
FROM target AS f WHERE t.uid = f.uid
RETURNING t.uid`,
    { repeatable: true },
  );
}

/** Names and milliseconds. Answers the names that are there. */
export function heartbeatStatement(table: KindTable): Statement {
  return statement(
    `heartbeat_${table.name}`,
    `WITH ${inputTable(HEARTBEAT_INPUT)},
target AS MATERIALIZED (
  SELECT t.uid, i.heartbeat_ms FROM input AS i
  JOIN ${table.quotedName} AS t ON t.namespace = '' AND t.name = i.name
  ORDER BY t.uid FOR UPDATE OF t)
UPDATE ${table.quotedName} AS t
SET heartbeat_deadline_at = now() + f.heartbeat_ms * interval '1 millisecond',
  next_reconcile_at = CASE WHEN t.heartbeat_deadline_at > now() THEN t.next_reconcile_at
    ELSE least(coalesce(t.next_reconcile_at, now()), now()) END,
  ${['wake_reason', 'wake_version', 'wake_trace']
    .map(
      (column) => `${column} = CASE WHEN t.heartbeat_deadline_at > now()
      OR t.next_reconcile_at <= now() THEN t.${column}${column === 'wake_reason' ? " ELSE 'heartbeat'" : ''} END`,
    )
    .join(', ')}
FROM target AS f WHERE t.uid = f.uid
RETURNING t.name`,
    { repeatable: true },
  );
}
