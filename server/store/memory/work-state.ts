import type { WakeCause } from '../../../sdk/api/work.js';
import type { ClaimOptions, WorkCompletion, WorkOutcome } from '../object-store.js';

/** What the store keeps of the work on one object. Times are milliseconds since the epoch. */
export interface WorkState {
  nextReconcileAt: number | undefined;
  leaseHolder: string | undefined;
  leaseExpiresAt: number | undefined;
  fence: number;
  failures: number;
  urgent: boolean;
  lostAttempts: number;
  heartbeatDeadlineAt: number | undefined;
  checkpoint: string | undefined;
  /** What made it due; while it is leased, what had. */
  cause: WakeCause | undefined;
  /** When the present generation was committed; undefined once it was reached. */
  convergingSince: number | undefined;
}

/** The state of an object just created: due now, and urgent. */
export function newWorkState(cause: WakeCause, now: number): WorkState {
  return {
    nextReconcileAt: now,
    leaseHolder: undefined,
    leaseExpiresAt: undefined,
    fence: 0,
    failures: 0,
    urgent: true,
    lostAttempts: 0,
    heartbeatDeadlineAt: undefined,
    checkpoint: undefined,
    cause,
    convergingSince: now,
  };
}

export function isDue(work: WorkState, now: number): boolean {
  const leased = work.leaseExpiresAt !== undefined && work.leaseExpiresAt > now;
  return !leased && (isPast(work.nextReconcileAt, now) || isPast(work.heartbeatDeadlineAt, now));
}

/** A new generation: what failed before says nothing of it. */
export function regenerate(work: WorkState, now: number): void {
  work.failures = 0;
  work.urgent = true;
  work.lostAttempts = 0;
  work.convergingSince = now;
}

/** Since when it is due. */
export function dueAt(work: WorkState): number {
  return work.nextReconcileAt ?? work.heartbeatDeadlineAt ?? 0;
}

/** True when it was not due before: then this is the cause. */
export function makeDue(work: WorkState, cause: WakeCause, now: number): boolean {
  const before = work.nextReconcileAt ?? Infinity;
  work.nextReconcileAt = Math.min(before, now);
  if (before > now) work.cause = cause;
  return before > now;
}

/** Takes the lease; answers whether the object's agent was alive. */
export function lease(work: WorkState, options: ClaimOptions, now: number): boolean {
  const alive = isAlive(work, now);
  if (!alive) work.heartbeatDeadlineAt = undefined;
  work.cause = causeOf(work, now);
  if (work.leaseHolder !== undefined) work.lostAttempts += 1;
  work.leaseHolder = options.worker;
  work.leaseExpiresAt = now + options.leaseMs;
  work.nextReconcileAt = work.leaseExpiresAt;
  work.fence += 1;
  return alive;
}

/** A holder that handed nothing back is still there; what is not due is claimed for its silence. */
function causeOf(
  { cause, leaseHolder, nextReconcileAt }: WorkState,
  now: number,
): WakeCause | undefined {
  if (!isPast(nextReconcileAt, now)) return { reason: 'heartbeat' };
  return leaseHolder === undefined ? cause : { ...cause, reason: 'leaseExpired' };
}

export function holds(
  work: WorkState,
  holder: { readonly worker: string; readonly fence: number },
  now: number,
): boolean {
  return (
    work.fence === holder.fence &&
    work.leaseHolder === holder.worker &&
    work.leaseExpiresAt !== undefined &&
    work.leaseExpiresAt > now
  );
}

/** True when somebody asked for another look since the lease began. */
export function isDirty(work: WorkState): boolean {
  return (
    work.nextReconcileAt !== undefined &&
    work.leaseExpiresAt !== undefined &&
    work.nextReconcileAt < work.leaseExpiresAt
  );
}

/** Notes that the generation is reached, if the completion says so. Its age, the first time. */
export function converge(
  work: WorkState,
  { converged }: WorkCompletion,
  now: number,
): Pick<WorkOutcome, 'convergedMs'> {
  const since = work.convergingSince;
  if (converged !== true || since === undefined) return {};
  work.convergingSince = undefined;
  return { convergedMs: now - since };
}

/** How long it has been due. */
export function dueFor(work: WorkState, now: number): number {
  return Math.max(0, now - (work.nextReconcileAt ?? work.heartbeatDeadlineAt ?? now));
}

/** Ends the lease, or keeps it; only for who `holds` it. */
export function handBack(
  work: WorkState,
  completion: WorkCompletion,
  { now, generation }: { readonly now: number; readonly generation: number },
): void {
  work.failures = completion.failures;
  if (completion.checkpoint !== undefined) work.checkpoint = completion.checkpoint ?? undefined;
  if (completion.keepLease === true) return;
  if (completion.generation !== undefined) {
    work.urgent = completion.generation !== generation;
    work.lostAttempts = 0;
  }
  if (!isDirty(work)) {
    const { requeueAfterMs, requeueReason: reason = 'requeue' } = completion;
    work.cause = reason === 'resync' ? { reason } : { ...work.cause, reason };
    work.nextReconcileAt = requeueAfterMs === undefined ? undefined : now + requeueAfterMs;
  }
  work.leaseHolder = undefined;
  work.leaseExpiresAt = undefined;
}

export function extendLease(work: WorkState, leaseMs: number, now: number): void {
  const expiresAt = Math.max(work.leaseExpiresAt ?? 0, now + leaseMs);
  if (!isDirty(work)) work.nextReconcileAt = expiresAt;
  work.leaseExpiresAt = expiresAt;
}

export function beat(work: WorkState, heartbeatMs: number, now: number): void {
  if (!isAlive(work, now)) makeDue(work, { reason: 'heartbeat' }, now);
  work.heartbeatDeadlineAt = now + heartbeatMs;
}

function isAlive(work: WorkState, now: number): boolean {
  return work.heartbeatDeadlineAt !== undefined && work.heartbeatDeadlineAt > now;
}

export function isPast(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
