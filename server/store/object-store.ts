import type { KindDefinition, ReferenceField } from '../../sdk/api/kind.js';
import type { Labels } from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { AttemptRecord, JournalAttempt } from '../../sdk/api/journal.js';
import type { RevisionOrigin } from '../../sdk/api/origin.js';
import type { AttemptRef, WakeCause, WakeReason } from '../../sdk/api/work.js';
import type { FieldRequirement, LabelRequirement } from '../../sdk/api/selector.js';
import type { JournalStore } from './journal-store.js';

/** A committed object. Immutable: an update makes a new one. */
export interface StoredObject {
  /** `plural.group`, see resourceName(). */
  readonly resource: string;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Position of its last write in the log: dense, from 1. */
  readonly resourceVersion: number;
  /** The whole object as JSON text, `metadata.resourceVersion` included: ready to send. */
  readonly json: string;
}

/** What an object's deletion does to who names it, where that is more than to wake it. */
export type DeletionEffect = Exclude<ReferenceField['onDelete'], 'orphan'>;

/** One entry of the log. Entries are dense in `resourceVersion` and never change. */
export interface Revision {
  readonly resourceVersion: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object after the write; for DELETED, as it last was, under the version of its deletion. */
  readonly object: StoredObject;
  /** The attempt that made the write, and so knows of it; absent when it was none of ours. */
  readonly cause?: AttemptRef;
  /** Of its origin. */
  readonly traceparent?: string;
}

/** An entry of the log with what is known of how it came about. */
export interface HistoryEntry extends Revision {
  /** RFC 3339 with milliseconds, by the store's clock. */
  readonly committedAt: string;
  readonly origin?: RevisionOrigin;
  /** Of the object's entry before this one; absent for ADDED, or when nobody knows. */
  readonly previousVersion?: number;
}

/** One object to make due. */
export interface Wake {
  readonly uid: string;
  /** Not if this is still its fence: nobody claimed it since the attempt that knows already. */
  readonly knownAtFence?: number;
  /** The revision that wakes it. Absent: something that nobody can name may have changed. */
  readonly by?: Required<Pick<WakeCause, 'resourceVersion'>> & Pick<WakeCause, 'traceparent'>;
}

/**
 * `expectedResourceVersion` makes the write fail with Conflict when another came between.
 * `unlessReferenced` makes it fail with Conflict while another object names this one by a field with
 * `onDelete: block`. The look and the write are one step in the order of the log: whatever has a
 * lower version is seen, so no such referrer is left behind by a deletion.
 */
export type ObjectWrite =
  | {
      readonly type: 'create';
      readonly kind: KindDefinition;
      readonly object: ApiObject;
      readonly cause?: AttemptRef;
      readonly origin?: RevisionOrigin;
    }
  | {
      readonly type: 'update';
      readonly kind: KindDefinition;
      readonly object: ApiObject;
      readonly expectedResourceVersion: number;
      readonly unlessReferenced?: boolean;
      readonly cause?: AttemptRef;
      readonly origin?: RevisionOrigin;
    }
  | {
      readonly type: 'delete';
      readonly kind: KindDefinition;
      readonly uid: string;
      readonly expectedResourceVersion: number;
      readonly unlessReferenced?: boolean;
      readonly cause?: AttemptRef;
      readonly origin?: RevisionOrigin;
    };

/** Names one object. */
export interface ObjectKey {
  readonly kind: KindDefinition;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

export interface ListOptions {
  /** '' or absent: all namespaces. */
  readonly namespace?: string;
  readonly labels?: readonly LabelRequirement[];
  /** On `metadata.name`, `metadata.namespace` and the kind's indexed fields. */
  readonly fields?: readonly FieldRequirement[];
  /** Page size; absent: everything. */
  readonly limit?: number;
  /** Continue after this key, in (namespace, name) order. */
  readonly after?: { readonly namespace: string; readonly name: string };
  /**
   * The list as it was at this version, selectors included: exact. Absent: as it is now. Expired below
   * the oldest version, Timeout above the newest.
   */
  readonly at?: number;
  /** How many there are from the page's start on, for who knows it: then they are not counted. */
  readonly left?: number;
}

export interface ObjectList {
  readonly items: readonly StoredObject[];
  /** Every write up to here is reflected, none after; a watch from here misses nothing. */
  readonly resourceVersion: number;
  /** Set when `limit` cut the list. */
  readonly next?: { readonly namespace: string; readonly name: string };
  /** How many follow after this page: exact; absent with selectors, and where there are very many. */
  readonly remaining?: number;
}

/** Where a page of dependents ended. */
export interface DependentPlace {
  readonly resource: string;
  readonly uid: string;
}

export interface DependentPage {
  readonly items: readonly StoredObject[];
  /** Set when there may be more. */
  readonly next?: DependentPlace;
}

export interface WorkClaim {
  readonly object: StoredObject;
  readonly fence: number;
  readonly failures: number;
  /** Its generation is one that no attempt has acted on: it is new, edited, or to be deleted. */
  readonly urgent: boolean;
  /**
   * Attempts in a row whose holder handed nothing back: it died, stood still or could not be heard. 0
   * again with the next attempt that ends, and with a new generation.
   */
  readonly lostAttempts: number;
  readonly alive: boolean;
  /** What made it due, as far as that is known. */
  readonly cause?: WakeCause;
  /** What the last holder noted down, if it did not complete the object since. */
  readonly checkpoint?: string;
  /** How long it had been due. */
  readonly dueForMs: number;
}

export interface ClaimOptions {
  readonly worker: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Absent: whatever is due of the kind; see `claim-turn.ts` for what goes first. */
  readonly uids?: readonly string[];
}

/** A lease holder hands an object back. Checked against fence, worker and lease end in the store. */
export interface WorkCompletion {
  readonly kind: KindDefinition;
  readonly uid: string;
  readonly worker: string;
  readonly fence: number;
  readonly failures: number;
  /** The generation that the attempt acted on. Absent: none was made, it is as urgent as before. */
  readonly generation?: number;
  readonly requeueAfterMs?: number;
  /** The cause of the next attempt, if nothing comes before. Default: `requeue`. */
  readonly requeueReason?: WakeReason;
  readonly keepLease?: boolean;
  /**
   * Text kept beside the object, which no reader sees: it makes no revision. The next claim gets it.
   * Null drops it; absent leaves it as it is.
   */
  readonly checkpoint?: string | null;
  /** Kept in the journal if the lease is held. */
  readonly attempt?: AttemptRecord;
  /** Of the revision that `write` makes. */
  readonly origin?: RevisionOrigin;
  /** The world is as the present generation wants it. */
  readonly converged?: boolean;
  /** The object's new content (status, finalizers), or its end. Absent: only the lease ends. */
  readonly write?:
    | {
        readonly type: 'update';
        readonly object: ApiObject;
        readonly expectedResourceVersion: number;
      }
    | { readonly type: 'delete'; readonly expectedResourceVersion: number };
}

export interface WorkOutcome {
  /** `conflict`: the object changed since it was read; nothing was done: read again and retry. */
  readonly outcome: 'done' | 'dirty' | 'fenced' | 'gone' | 'conflict';
  /** The object after `done` or `dirty`, when `write` was an update. */
  readonly object?: StoredObject;
  /** Of the first completion of a generation that has `converged`: how old the generation then was. */
  readonly convergedMs?: number;
}

/** What a store did since it was made. Numbers that only grow, but for the connections. */
export interface StoreCounts {
  readonly statements: Readonly<Record<'read' | 'write' | 'lock' | 'schema', number>>;
  readonly commits: number;
  /** Failed attempts by what they mean. */
  readonly failures: Readonly<Record<string, number>>;
  readonly connections: Readonly<Record<'open' | 'idle' | 'waiting', number>>;
}

/**
 * Where objects live: one ordered log, tables for the present. Two implementations, SQL and in
 * memory, are held to one suite (`object-store-suite.ts`).
 *
 * The store checks identity, versions, unique names and leases. What an object may say (schema,
 * defaults, finalizers, generation) is decided above it. It never changes an object but to set
 * `metadata.resourceVersion`.
 *
 * Every method may throw ApiError ServiceUnavailable when the database cannot be reached; then the
 * caller does not know whether a write took effect.
 */
export interface ObjectStore extends JournalStore {
  /** Opens connections, creates or migrates tables. Idempotent. */
  start(signal: AbortSignal): Promise<void>;
  /** Waits for running writes, then closes. Idempotent. */
  stop(): Promise<void>;
  /** Makes room for kinds that were not known at start, or have changed. Idempotent. */
  addKind(...kinds: readonly KindDefinition[]): Promise<void>;
  /**
   * Reads the indexed fields of every object of the kind anew, for those that another process wrote
   * before it knew of a field. No revision.
   */
  reindex(kind: KindDefinition): Promise<void>;

  /** The object, or undefined. */
  get(kind: KindDefinition, namespace: string, name: string): Promise<StoredObject | undefined>;
  /**
   * Several objects, in the order asked. Each as `get`: no older than the call; together they are no
   * snapshot.
   */
  getAll(keys: readonly ObjectKey[]): Promise<readonly (StoredObject | undefined)[]>;
  getByUid(kind: KindDefinition, uid: string): Promise<StoredObject | undefined>;
  /**
   * The object as this process last saw it committed, without asking; undefined when that is not at
   * hand. Another process may have changed or deleted it up to a second ago: only for what may be
   * that old, as an informer's cache is, or for a write whose `expectedResourceVersion` finds it out.
   */
  recall(uid: string): StoredObject | undefined;
  /** As `recall`. */
  recallNamed(kind: KindDefinition, namespace: string, name: string): StoredObject | undefined;
  /** A consistent snapshot, in (namespace, name) order. */
  list(kind: KindDefinition, options: ListOptions): Promise<ObjectList>;

  /**
   * Commits one write; concurrent calls share a commit. A create gives AlreadyExists when the name
   * is taken, an update or delete gives Conflict when the version moved on, NotFound when the object
   * is gone. The answer is the object as committed; for a delete, as it last was, under the version
   * of its deletion. A write by anyone but the holder of its lease makes a reconciled object due.
   */
  write(write: ObjectWrite): Promise<StoredObject>;

  /** The newest version committed, 0 when there is none. */
  currentVersion(): Promise<number>;
  /** The oldest version from whose *following* entry on the log is whole; below it: Expired. */
  oldestVersion(): Promise<number>;
  /**
   * Entries after `version`, oldest first, at most `limit`. `following` is for who reads whenever
   * `onCommit` calls: what it has not told of yet may be left out, and mostly no database is asked.
   */
  revisionsAfter(
    version: number,
    limit: number,
    options?: { readonly following?: boolean },
  ): Promise<readonly Revision[]>;
  /**
   * The object of a log entry as it was before that entry; undefined when it was not there before, or
   * nobody knows any more.
   */
  stateBefore(version: number): Promise<StoredObject | undefined>;
  /**
   * The entries of one object that the log still has, newest first, at most `limit`: that of `version`
   * and those before it. Their objects have at most `maxBytes` together, or there is only one.
   */
  history(version: number, limit: number, maxBytes: number): Promise<readonly HistoryEntry[]>;
  /** The version of the last deletion of this name that the log still has. */
  deletionOf(kind: KindDefinition, namespace: string, name: string): Promise<number | undefined>;
  /** The attempts at an object that the journal has, newest first, at most `limit`. */
  attemptsAt(uid: string, limit: number): Promise<readonly JournalAttempt[]>;
  /** These attempts, as far as the journal has them. */
  attempts(refs: readonly AttemptRef[]): Promise<readonly JournalAttempt[]>;
  /** Calls back soon after commits, of this process at once, of others within about a second. */
  onCommit(listener: () => void): () => void;
  /** Drops log entries up to this version. */
  compact(upTo: number): Promise<void>;

  /**
   * Objects owned (metadata.ownerReferences) by this uid, over all kinds, a page at a time: those
   * after `after`, of `limit` at most. A page may be short, or empty, and not the last.
   */
  dependentsOf(
    ownerUid: string,
    page: { readonly limit: number; readonly after?: DependentPlace },
  ): Promise<DependentPage>;
  /**
   * Objects whose reference field names this target, or awaits any of its kind; see
   * KindDefinition.references. With `onDelete`: those that name it by a field that says so.
   */
  referrersOf(
    target: KindDefinition,
    key: { readonly namespace: string; readonly name: string },
    onDelete?: DeletionEffect,
  ): Promise<readonly StoredObject[]>;

  /**
   * Objects that select one of these sets of labels in this namespace of the kind; see
   * KindDefinition.selectors. Without `labels`: those that select whatever there.
   */
  selectorsOf(
    target: KindDefinition,
    among: { readonly namespace: string; readonly labels?: readonly Labels[] },
  ): Promise<readonly StoredObject[]>;

  /** Leases due objects of a reconciled kind to a worker. One object is never leased twice at once. */
  claim(kind: KindDefinition, options: ClaimOptions): Promise<readonly WorkClaim[]>;
  complete(completions: readonly WorkCompletion[]): Promise<readonly WorkOutcome[]>;
  /** How many objects of a kind are due and leased to nobody; it counts no further than `atMost`. */
  countDue(kind: KindDefinition, atMost: number): Promise<number>;
  /** Extends leases; answers the uids whose lease is lost. */
  renew(
    kind: KindDefinition,
    worker: string,
    leaseMs: number,
    leases: readonly { readonly uid: string; readonly fence: number }[],
  ): Promise<readonly string[]>;
  /**
   * Makes objects due now. Survives a crash; no revision. Unknown uids are ignored. Answers the uids
   * of those that are due and were not before.
   */
  wake(kind: KindDefinition, wakes: readonly Wake[]): Promise<readonly string[]>;
  /**
   * Notes that an agent is alive for `heartbeatMs`: no revision. When the object was not alive
   * before, it becomes due. False when there is no such object.
   */
  heartbeat(kind: KindDefinition, name: string, heartbeatMs: number): Promise<boolean>;

  /** The notifier's place in the log, kept across restarts. 0 when never set. */
  cursor(name: string): Promise<number>;
  setCursor(name: string, version: number): Promise<void>;

  /**
   * Tries what every write does, without effect.
   *
   * @throws Error or ApiError when writes would fail now, or the last ones did.
   */
  checkWritable(): Promise<void>;

  /** For metrics; absent where there is nothing to count. */
  readonly counts?: StoreCounts;
}
