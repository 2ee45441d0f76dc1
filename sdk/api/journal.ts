/**
 * The wire types of the journal: what attempts changed outside the plane. Times are RFC 3339 with
 * milliseconds, durations milliseconds.
 */

/** What a call does to the world. */
export type EffectNature = 'read' | 'create' | 'update' | 'delete';

/** One call of one attempt that changes something outside, or would have. */
export interface JournalEffect {
  /** From 1 in the order in which the attempt began its calls. */
  readonly sequence: number;
  /** Through which port: `kube`. */
  readonly port: string;
  /** Which one of its kind: of `kube`, the name of the KubernetesRuntimeInstance. */
  readonly place?: string;
  readonly nature: Exclude<EffectNature, 'read'>;
  /** The port's method: `apply`. */
  readonly operation: string;
  /** What was touched: `apps/v1 Deployment default/web`. */
  readonly target: string;
  /** By which what a create made is found again, where its name is not known before. */
  readonly token?: string;
  /** `begun`: nobody knows (yet) whether it took effect. */
  readonly outcome: 'begun' | 'ok' | 'failed';
  /** Why it failed, or is not known to have ended, in the other side's words; holds no secret. */
  readonly message?: string;
  /** By the worker's clock. */
  readonly startedAt: string;
  /** Absent while it is not known to have ended. */
  readonly durationMs?: number;
}

/**
 * An effect with who caused it. Named by `uid`, `fence` and `sequence`: told again, it is the same
 * one, and its end is added to its begin.
 */
export interface JournalEntry extends JournalEffect {
  /** The object worked on: `workloads.workload.threeport.io`, and which. */
  readonly resource: string;
  readonly uid: string;
  readonly namespace?: string;
  readonly name: string;
  readonly generation: number;
  /** The object as the attempt found it: who wrote that revision, or what woke the attempt, is the cause. */
  readonly resourceVersion: string;
  /** Of the lease that the attempt had; names the attempt together with `uid`. */
  readonly fence: number;
}
