import type {
  InventoryEntry,
  WorkloadInstanceStatus,
  WorkloadReportStatus,
} from '../../sdk/api/zz_generated.types.js';
import type { ReconcileContext, ReconcilerCondition } from '../../sdk/runtime/reconciler.js';
import type { LostSight } from './fold-report.js';
import { foldReport } from './fold-report.js';

type Context = Pick<ReconcileContext<WorkloadInstanceStatus>, 'status' | 'setCondition'>;

export interface Observation {
  readonly runtime: string;
  /** What to show; default: the inventory. */
  readonly wanted?: readonly InventoryEntry[];
  readonly problems?: ReadonlyMap<string, string>;
  readonly moved?: ReadonlySet<string>;
  /** Default: nothing was. */
  readonly verified?: ReadonlyMap<string, string>;
  readonly before?: WorkloadReportStatus | undefined;
  readonly report: WorkloadReportStatus | undefined;
  readonly lost: LostSight | undefined;
  /** The definition cannot be applied, wholly or in part. */
  readonly failed: boolean;
}

/** Writes resources, warnings, `Ready` and phase as the agent's report says them. */
export function showObservation({ status, setCondition }: Context, seen: Observation): void {
  const { resources, warnings, ready } = foldReport({
    wanted: seen.wanted ?? status.inventory ?? [],
    problems: seen.problems ?? new Map(),
    moved: seen.moved ?? new Set(),
    verified: seen.verified ?? new Map(),
    before: seen.before,
    report: seen.report,
    previous: status.resources ?? [],
    runtime: seen.runtime,
    lost: seen.lost,
  });
  status.resources = resources;
  status.warnings = warnings;
  status.phase = seen.failed ? 'Failed' : phaseOf(ready);
  setCondition(ready);
}

/** For an instance of which nothing is in the cluster. `message` says what it waits for. */
export function showNotApplied(
  { status, setCondition }: Context,
  phase: 'Waiting' | 'Failed',
  message: string,
): void {
  status.phase = phase;
  status.resources = [];
  status.warnings = [];
  setCondition({ type: 'Ready', status: 'False', reason: 'NotApplied', message });
}

function phaseOf(ready: ReconcilerCondition): string {
  if (ready.status === 'True') return 'Healthy';
  switch (ready.reason) {
    case 'NoReport':
      return 'Deploying';
    case 'Progressing':
      return 'Progressing';
    case 'Degraded':
    case 'Missing':
      return 'Degraded';
    default:
      return 'Unknown';
  }
}
