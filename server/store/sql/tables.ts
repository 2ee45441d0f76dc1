import type { ColumnType, Generated } from 'kysely';

/**
 * What every kind's table has. JSON text is kept as text: it is served as it is, never parsed.
 * A generated row adds one column for each indexed and reference field (`columnNameOf`).
 */
export interface ObjectRow {
  uid: string;
  /** '' for cluster-scoped kinds. */
  namespace: string;
  name: string;
  resource_version: number;
  generation: number;
  /** JSON object without `resourceVersion`. */
  metadata: string;
  spec: string | null;
  status: string | null;
  /** The other top-level members without braces, `apiVersion` and `kind` first. */
  rest: string;
  /** jsonb, written as JSON text. */
  labels: ColumnType<Record<string, string>, string, string>;
  /** Sorted uids in `metadata.ownerReferences` as a JSON array; null when there are none. */
  owners: string | null;
  created_at: Generated<Date>;
}

/** Further columns of kinds that are reconciled. */
export interface WorkColumns {
  next_reconcile_at: Date | null;
  lease_holder: string | null;
  lease_expires_at: Date | null;
  fence: number;
  failures: number;
  heartbeat_deadline_at: Date | null;
  checkpoint: string | null;
  /** A WakeCause: what made it due; while it is leased, what had. */
  wake_reason: string | null;
  wake_version: number | null;
  wake_trace: string | null;
  /** When the present generation was committed; null once a completion said that it is reached. */
  converging_since: Date | null;
  urgent: boolean;
  lost_attempts: number;
}

export interface RevisionRow {
  resource_version: number;
  /** Of the object's entry before this one; null for ADDED, and in entries from before migration 3. */
  previous_version: number | null;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  uid: string;
  namespace: string;
  name: string;
  /** The whole object as JSON text, `metadata.resourceVersion` included. */
  object: string;
  /** The attempt that made the write: the object worked on, and the fence of its lease. */
  cause_uid: string | null;
  cause_fence: number | null;
  /** See origin-text.ts; null in entries from before migration 4. */
  origin: string | null;
  committed_at: Generated<Date>;
}

/** An attempt at an object: its key, and what its worker told of it. */
export interface AttemptRow {
  uid: string;
  fence: number;
  resource: string;
  namespace: string;
  name: string;
  worker: string;
  /** An AttemptRecord as JSON text. */
  record: string;
  /** Of the revision that its completion made. */
  resource_version: number | null;
  ended_at: Generated<Date>;
}

export interface JournalRow {
  uid: string;
  fence: number;
  sequence: number;
  /** '' where there is none. */
  place: string;
  target: string;
  outcome: 'begun' | 'ok' | 'failed';
  /** The whole entry as JSON text. */
  entry: string;
  recorded_at: Generated<Date>;
}

/** The tables that are there before any kind. */
export interface FixedTables {
  schema_migrations: { version: number; applied_at: Generated<Date> };
  /** One row, id 1. Locked by every writing statement, so that commits are in version order. */
  revision_counter: { id: number; value: number; compacted: number };
  revisions: RevisionRow;
  attempts: AttemptRow;
  owner_references: { owner_uid: string; resource: string; uid: string };
  cursors: { name: string; version: number };
  journal: JournalRow;
  /** Which columns of which kind's table are there and filled, as a JSON array of names. */
  kind_tables: { resource: string; table_name: string; columns: string };
}

/** All tables as Kysely sees them while a kind is data. */
export interface Tables extends FixedTables {
  [table: `objects_${string}`]: ObjectRow;
}
