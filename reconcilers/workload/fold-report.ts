import type {
  InventoryEntry,
  PlacedResource,
  ResourceHealth,
  Warning,
  WorkloadReportStatus,
} from '../../sdk/api/zz_generated.types.js';
import { isSameGeneration } from '../../sdk/kube/resource-revision.js';
import type { ReconcilerCondition } from '../../sdk/runtime/reconciler.js';
import { describeRef, refKey } from './resource-ref.js';

export interface ReportToFold {
  /** What the instance consists of; the order of the status. */
  readonly wanted: readonly InventoryEntry[];
  /** Resources that could not be applied, with the cluster's words, by `refKey`. */
  readonly problems: ReadonlyMap<string, string>;
  /** Resources that the cluster was just told to change, by `refKey`. */
  readonly moved: ReadonlySet<string>;
  /** Revisions that were seen to be as wanted, by `refKey`. */
  readonly verified: ReadonlyMap<string, string>;
  /** The report as it was before anything was applied. */
  readonly before: WorkloadReportStatus | undefined;
  readonly report: WorkloadReportStatus | undefined;
  /** `resources` of the status as it was. */
  readonly previous: readonly ResourceHealth[];
  readonly runtime: string;
  /** Why the report cannot be relied on; undefined when it can. */
  readonly lost: LostSight | undefined;
}

/** `reason` and `message` of the `Ready` condition when nobody can say how the resources are. */
export interface LostSight {
  readonly reason: string;
  readonly message: string;
}

export interface FoldedReport {
  readonly resources: PlacedResource[];
  readonly warnings: Warning[];
  readonly ready: ReconcilerCondition;
}

const MAX_WARNINGS = 10;
const NOT_SEEN_YET = 'applied; the agent has not reported on it since';

/**
 * What the agent saw as the status of the instance says it. A resource that was changed counts as
 * Progressing until the agent reports on it anew: an old green is never shown for a new state. Pure.
 */
export function foldReport(input: ReportToFold): FoldedReport {
  const reported = byKey(input.report?.resources);
  const before = byKey(input.before?.resources);
  const previous = byKey(input.previous);
  const healthOf = (ref: InventoryEntry, key: string): ResourceHealth => {
    const seen = reported.get(key);
    const problem = input.problems.get(key);
    if (problem !== undefined) return withProblem(ref, seen, problem);
    if (input.lost !== undefined) return unknown(ref, seen);
    const mark = input.moved.has(key) ? before.get(key) : previous.get(key);
    const marked = input.moved.has(key) || mark?.message === NOT_SEEN_YET;
    if (seen === undefined || (marked && isSameSight(seen, mark))) return notSeenYet(ref, seen);
    return entry(ref, seen, seen.health, seen.message);
  };
  const resources = input.wanted.map((ref): PlacedResource => {
    const key = refKey(ref);
    const verified = input.verified.get(key);
    return { ...healthOf(ref, key), ...(verified !== undefined && { verified }) };
  });
  return {
    resources,
    warnings: newest(input.report?.warnings ?? []),
    ready: ready(input, resources),
  };
}

function ready(input: ReportToFold, resources: readonly ResourceHealth[]): ReconcilerCondition {
  const { lost, runtime } = input;
  if (resources.length === 0) return condition('True', 'Healthy', 'there are no resources');
  if (lost !== undefined) return condition('Unknown', lost.reason, lost.message);
  const degraded = worst(resources, 'Degraded');
  if (degraded !== undefined) return condition('False', 'Degraded', degraded);
  const missing = worst(resources, 'Missing');
  if (missing !== undefined) return condition('False', 'Missing', missing);
  if (input.report === undefined) {
    const message = `waiting for the first report of the agent on runtime ${runtime}`;
    return condition('Unknown', 'NoReport', message);
  }
  const progressing = worst(resources, 'Progressing');
  if (progressing !== undefined) return condition('False', 'Progressing', progressing);
  const unclear = worst(resources, 'Unknown');
  if (unclear !== undefined) return condition('Unknown', 'HealthUnknown', unclear);
  return condition('True', 'Healthy', '');
}

/** The first resource of that health with its message, and how many more there are. */
function worst(
  resources: readonly ResourceHealth[],
  health: ResourceHealth['health'],
): string | undefined {
  const [first, ...others] = resources.filter((resource) => resource.health === health);
  if (first === undefined) return undefined;
  const message = `${describeRef(first)}: ${first.message ?? `is ${health}`}`;
  return others.length === 0 ? message : `${message} (and ${others.length} more)`;
}

function withProblem(
  ref: InventoryEntry,
  seen: ResourceHealth | undefined,
  problem: string,
): ResourceHealth {
  const exists = seen !== undefined && seen.health !== 'Missing';
  return entry(ref, seen, exists ? 'Degraded' : 'Missing', problem);
}

function unknown(ref: InventoryEntry, seen: ResourceHealth | undefined): ResourceHealth {
  return entry(ref, seen, 'Unknown', seen && `last reported as ${seen.health}`);
}

function notSeenYet(ref: InventoryEntry, seen: ResourceHealth | undefined): ResourceHealth {
  return entry(ref, seen, 'Progressing', NOT_SEEN_YET);
}

function entry(
  ref: InventoryEntry,
  seen: ResourceHealth | undefined,
  health: ResourceHealth['health'],
  message: string | undefined,
): ResourceHealth {
  return {
    ...ref,
    ...(seen?.uid !== undefined && { uid: seen.uid }),
    health,
    ...(message !== undefined && message !== '' && { message }),
    ...(seen?.createdAt !== undefined && { createdAt: seen.createdAt }),
    ...(seen?.revision !== undefined && { revision: seen.revision }),
  };
}

/** Whether two reports tell of the same object with the same spec. */
function isSameSight(a: ResourceHealth, b: ResourceHealth | undefined): boolean {
  return a.uid === b?.uid && isSameGeneration(a.revision, b?.revision);
}

/** Newest first; those of the same second in a fixed order. */
function newest(warnings: readonly Warning[]): Warning[] {
  const sortKey = ({ resource, reason, message }: Warning): string =>
    `${resource}/${reason}/${message}`;
  return [...warnings]
    .sort(
      (a, b) =>
        (b.lastSeen ?? '').localeCompare(a.lastSeen ?? '') || sortKey(a).localeCompare(sortKey(b)),
    )
    .slice(0, MAX_WARNINGS);
}

function byKey(
  resources: readonly ResourceHealth[] | undefined,
): ReadonlyMap<string, ResourceHealth> {
  return new Map((resources ?? []).map((resource) => [refKey(resource), resource]));
}

function condition(
  status: ReconcilerCondition['status'],
  reason: string,
  message: string,
): ReconcilerCondition {
  return { type: 'Ready', status, reason, message };
}
