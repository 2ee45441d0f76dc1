/**
 * The wire types of `/threeport/v1/`: how workers claim objects and hand them back, and how agents
 * report. Times are RFC 3339, durations milliseconds.
 */
import type { Condition } from './condition.js';
import type { AttemptRecord, Intent, JournalEntry } from './journal.js';
import type { OwnerReference, StoredApiObject } from './object.js';

/** Names one object of one kind. `kind` is a resource name: `workloads.workload.threeport.io`. */
export interface WorkKey {
  readonly resource: string;
  readonly uid: string;
}

/** One attempt of a reconciler: the object worked on, and the fence of the lease on it. */
export interface AttemptRef {
  readonly uid: string;
  readonly fence: number;
}

/**
 * Header of a write that is part of an attempt, `<uid>/<fence>`. The attempt knows of the write, so
 * its object is not woken by it. Heeded from the group `threeport:reconcilers`, ignored from others.
 */
export const ATTEMPT_HEADER = 'threeport-attempt';

export function formatAttempt({ uid, fence }: AttemptRef): string {
  return `${uid}/${fence}`;
}

/** Undefined when the text names no attempt. */
export function parseAttempt(text: string): AttemptRef | undefined {
  const [, uid, fence] = /^([-\w.]{1,128})\/(\d{1,15})$/.exec(text) ?? [];
  return uid === undefined ? undefined : { uid, fence: Number(fence) };
}

/**
 * Why an object is looked at: `change`: it was written by somebody; `dependency`: something that it owns
 * or refers to was; `requeue`, `backoff` and `resync`: the attempt before asked for it, after an
 * answer, a failure, or in the slow round; `heartbeat`: its agent came or went; `leaseExpired`: the
 * worker before did not hand it back.
 */
export type WakeReason =
  'change' | 'dependency' | 'requeue' | 'backoff' | 'resync' | 'heartbeat' | 'leaseExpired';

/** What made an object due. */
export interface WakeCause {
  readonly reason: WakeReason;
  /**
   * The revision that woke it; for `requeue`, `backoff` and `leaseExpired`, the one that had woken
   * the attempt before. Absent where none did.
   */
  readonly resourceVersion?: string;
  /** The trace of the request that made that revision: W3C Trace Context. */
  readonly traceparent?: string;
}

/** `POST /threeport/v1/claim`. Objects that are not due, or leased to another, are left out. */
export interface ClaimRequest {
  readonly worker: string;
  /** How long the lease lasts unless renewed. 1,000 to 600,000. */
  readonly leaseMs: number;
  /** These, as far as they are due: what was hinted. */
  readonly keys?: readonly WorkKey[];
  /** Whatever is due of these kinds, see DueClaim. Keys and limits together: 500 at most. */
  readonly due?: readonly DueClaim[];
}

/**
 * Objects of one kind that are due. Those go first whose generation nobody acted on: new, edited, to
 * be deleted. Each fourth place is for the others, the longest due first, so that neither is starved.
 */
export interface DueClaim {
  readonly resource: string;
  /** 1 or more. */
  readonly limit: number;
}

export interface ClaimedObject {
  readonly resource: string;
  readonly object: StoredApiObject;
  /** Grows with every claim of this object; a completion or renewal with an old one is refused. */
  readonly fence: number;
  /** Failed attempts in a row, as last completed. */
  readonly failures: number;
  /** No attempt has acted on its generation yet. */
  readonly urgent: boolean;
  /**
   * Attempts in a row that were never completed: their workers died, stood still, or could not be
   * heard. Absent: none. `leaseExpired` is the cause of the claim that follows such an attempt.
   */
  readonly lostAttempts?: number;
  /** What made it due. Absent where nobody knows any more. */
  readonly cause?: WakeCause;
  /** Kinds with a heartbeat: whether the last one is recent enough. Absent for others. */
  readonly alive?: boolean;
  /** The status that the last worker noted down as a checkpoint and did not live to complete. */
  readonly checkpoint?: Record<string, unknown>;
  /** How long it had been due. */
  readonly dueForMs: number;
  /** Creates that an attempt before began, and nobody knows to be in the status. */
  readonly intents?: readonly Intent[];
}

export interface ClaimResponse {
  readonly claimed: readonly ClaimedObject[];
  /**
   * Resources asked for that are not reconciled here: a CustomResourceDefinition is gone, or does not
   * say so, or this server has not heard of it yet. Absent: all are.
   */
  readonly unserved?: readonly string[];
}

/** One object handed back. Without `status` and `finalizers` the object itself does not change. */
export interface Completion {
  readonly resource: string;
  readonly uid: string;
  readonly fence: number;
  readonly failures: number;
  /** The generation that was acted on. Absent: there was no attempt, and it is as urgent as before. */
  readonly generation?: number;
  /** The trace of the attempt, of which the revision that this makes is part: W3C Trace Context. */
  readonly traceparent?: string;
  /** When to look again, from now. Absent: not before something changes. */
  readonly requeueAfterMs?: number;
  /** Why then. Default: `backoff` after failures, else `requeue`. */
  readonly requeueReason?: WakeReason;
  /** The whole new status; absent leaves it as it is. An equal one changes nothing. */
  readonly status?: Record<string, unknown>;
  /** Added if not there / removed if there. Removing the last one of a deleted object ends it. */
  readonly addFinalizer?: string;
  readonly removeFinalizer?: string;
  /** The lease goes on. */
  readonly keepLease?: boolean;
  /**
   * A status kept beside the object under the lease, which goes on: an intent recorded before an
   * effect outside. Nobody sees it but who claims the object next; the next completion with a
   * `status` ends it. Not together with a change of the object.
   */
  readonly checkpoint?: Record<string, unknown>;
  /** For the journal. Absent when the attempt did nothing. */
  readonly attempt?: AttemptRecord;
  /**
   * All creates that are begun and not known to be in `status`. Kept as a checkpoint is, and one with
   * it: of the two, what is not said is dropped; where neither is said nor a `status`, both stay.
   */
  readonly intents?: readonly Intent[];
}

/** `POST /threeport/v1/complete`. */
export interface CompleteRequest {
  readonly worker: string;
  readonly completions: readonly Completion[];
  /**
   * What attempts did outside, durable when this is answered. Those that have ended are facts and
   * written down whoever holds the lease now; those that have begun only with a completion of their
   * attempt that is not refused. May be told again.
   */
  readonly journal?: readonly JournalEntry[];
}

export interface CompletionResult {
  readonly uid: string;
  /**
   * `done`; `dirty`: done, and the object changed meanwhile, so claim it again now; `fenced`: the
   * lease was lost, nothing was written; `gone`: the object is no more; `invalid`: the status was
   * refused by the schema; only a `Reconciled` condition that says why was written, and the lease
   * was released with one failure more.
   */
  readonly outcome: 'done' | 'dirty' | 'fenced' | 'gone' | 'invalid';
  readonly message?: string;
  /** The object as it is now, after `done` or `dirty` with `keepLease`. */
  readonly object?: StoredApiObject;
  /**
   * With the completion by which a generation became `Reconciled`, or a deleted object ended: how long
   * that is after the commit of the generation. Only the first time.
   */
  readonly convergedMs?: number;
}

export interface CompleteResponse {
  readonly results: readonly CompletionResult[];
}

/** `POST /threeport/v1/renew`: the leases still held get `leaseMs` from now; answers those lost. */
export interface RenewRequest {
  readonly worker: string;
  readonly leaseMs: number;
  readonly leases: readonly {
    readonly resource: string;
    readonly uid: string;
    readonly fence: number;
  }[];
}

export interface RenewResponse {
  readonly lost: readonly string[];
}

/** Names one object of one kind by its name. */
export interface ReadKey {
  readonly resource: string;
  /** Of a namespaced kind: default `default`. Ignored for others. */
  readonly namespace?: string;
  readonly name: string;
}

/** `POST /threeport/v1/read`: objects of any kinds, 1 to 500, read at the same time. */
export interface ReadRequest {
  readonly keys: readonly ReadKey[];
}

export interface ReadResponse {
  /** As GET would answer each, in the order asked; null where there is no such object. */
  readonly objects: readonly (StoredApiObject | null)[];
}

/** What an agent saw of one workload instance: the body of a WorkloadReport, without its metadata. */
export interface ReportedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly owner: OwnerReference;
  /** Replaces the report's status; an equal one changes nothing. */
  readonly status: Record<string, unknown>;
}

/** `POST /threeport/v1/report`: a heartbeat for the runtime and the reports that changed. */
export interface ReportRequest {
  /** Name of the KubernetesRuntimeInstance. */
  readonly runtime: string;
  /** The runtime counts as connected for this long. 5,000 to 300,000. */
  readonly heartbeatMs: number;
  readonly reports: readonly ReportedWorkload[];
}

export interface ReportResponse {
  /** Reports refused, by index: an instance that is gone, or a body that the schema forbids. */
  readonly refused: readonly { readonly index: number; readonly message: string }[];
}

export type { Condition };
