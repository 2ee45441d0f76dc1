import { findCondition } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type {
  InventoryEntry,
  WorkloadDefinition,
  WorkloadInstanceSpec,
  WorkloadInstanceStatus,
  WorkloadReport,
  WorkloadReportStatus,
} from '../../sdk/api/zz_generated.types.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { MissingDependency, RuntimeAccess } from '../../sdk/kube/find-runtime.js';
import { findRuntime } from '../../sdk/kube/find-runtime.js';
import type {
  ReconcileContext,
  Reconciler,
  ReconcileResult,
} from '../../sdk/runtime/reconciler.js';
import { done, ReconcileError, waitingFor } from '../../sdk/runtime/reconciler.js';
import { cleanUpInstance, waitUntilGone } from './clean-up-instance.js';
import { withRuntime } from './cluster-unreachable.js';
import { findDefinition } from './find-dependencies.js';
import type { LostSight } from './fold-report.js';
import { showNotApplied, showObservation } from './instance-status.js';
import type { PlacementResult } from './place-on-cluster.js';
import { placeOnCluster } from './place-on-cluster.js';
import { pollDelayMs } from './poll-delay.js';
import { resourceNames } from './resource-names.js';
import { describeRef, refKey } from './resource-ref.js';
import { stillVerified } from './still-verified.js';
import { countResources, listed } from './wording.js';

type Instance = StoredApiObject<WorkloadInstanceSpec, WorkloadInstanceStatus>;
type Context = ReconcileContext<WorkloadInstanceStatus>;
type Report = WorkloadReportStatus | undefined;

/** Places a WorkloadDefinition on a runtime's cluster and shows how it fares there. */
export const workloadInstanceReconciler: Reconciler<WorkloadInstanceSpec, WorkloadInstanceStatus> =
  {
    resource: resourceNames.instance,
    reconcile,
    cleanUp: cleanUpInstance,
  };

async function reconcile(instance: Instance, ctx: Context): Promise<ReconcileResult> {
  const { spec } = instance;
  if (spec === undefined) throw new Error('the instance has no spec');
  ctx.status.runtime = spec.runtime;
  const [definition, runtime, before] = await Promise.all([
    findDefinition(instance, spec, ctx),
    findRuntime(spec.runtime, ctx),
    readReport(instance, ctx),
  ]);
  if ('missing' in definition) return waitForDependency(definition.missing, before, ctx);
  if ('missing' in runtime) return waitForDependency(runtime.missing, before, ctx);
  try {
    const placed = await place(instance, definition.definition, runtime, before, ctx).catch(
      (error: unknown) => {
        showFailure(error, before, runtime, ctx);
        throw error;
      },
    );
    showPlaced(placed, before, runtime, ctx);
    tellRepairs(placed, instance, ctx);
    return resultOf(placed, instance, ctx);
  } finally {
    ctx.status.definitionGeneration = definition.definition.metadata.generation;
  }
}

function place(
  instance: Instance,
  definition: WorkloadDefinition & StoredApiObject,
  runtime: RuntimeAccess,
  report: Report,
  ctx: Context,
): Promise<PlacementResult> {
  const { name, uid } = instance.metadata;
  const placing = placeOnCluster(
    runtime.kube,
    definition.spec ?? {},
    { instanceUid: uid, instanceName: name, definitionName: definition.metadata.name },
    {
      inventory: ctx.status.inventory ?? [],
      recordIntent: async (inventory, namespace) => {
        recordPlacement(ctx.status, inventory, namespace);
        ctx.status.phase = 'Deploying';
        await ctx.checkpoint();
      },
      stillVerified: (appliedHash) =>
        stillVerified({
          status: instance.status,
          generation: instance.metadata.generation,
          definitionGeneration: definition.metadata.generation,
          appliedHash,
          report,
          agentLost: runtime.agentLost,
        }),
    },
    ctx.signal,
  );
  return withRuntime(runtime.name, placing);
}

function showPlaced(
  placed: PlacementResult,
  before: Report,
  runtime: RuntimeAccess,
  ctx: Context,
): void {
  recordPlacement(ctx.status, placed.inventory, placed.namespace);
  ctx.status.appliedHash = placed.appliedHash;
  const problems = new Map<string, string>();
  const moved = new Set<string>();
  const verified = new Map<string, string>();
  for (const [key, outcome] of placed.outcomes) {
    if (outcome.state === 'failed') problems.set(key, outcome.message);
    if (outcome.state === 'applied' && outcome.moved) moved.add(key);
    const revision = 'verified' in outcome ? outcome.verified : undefined;
    if (revision !== undefined) verified.set(key, revision);
  }
  showObservation(ctx, {
    runtime: runtime.name,
    wanted: placed.wanted,
    problems,
    moved,
    verified,
    before,
    // A report that came meanwhile wakes the instance again.
    report: before,
    lost: lostSight(runtime),
    failed: problems.size > 0,
  });
}

/** Applied again although nothing else was asked for than what was there before: somebody changed it. */
function tellRepairs(
  { appliedHash, wanted, outcomes }: PlacementResult,
  instance: Instance,
  ctx: Context,
): void {
  const { status, metadata } = instance;
  const last = findCondition(status?.conditions, 'Reconciled');
  const wasReached = last?.status === 'True' && last.observedGeneration === metadata.generation;
  if (!wasReached || status?.appliedHash !== appliedHash) return;
  const repaired = wanted.filter((ref) => outcomes.get(refKey(ref))?.state === 'applied');
  if (repaired.length === 0) return;
  const message = `changed or removed in the cluster, and restored: ${listed(repaired.map(describeRef))}`;
  ctx.event({ type: 'Warning', reason: 'DriftRepaired', message });
}

function resultOf(placed: PlacementResult, instance: Instance, ctx: Context): ReconcileResult {
  const failed = messagesOf('failed', placed);
  if (failed.length > 0) {
    const what = `${failed.length} of ${countResources(placed.wanted)} failed`;
    throw new ReconcileError('ResourcesFailed', `${what}: ${listed(failed)}`);
  }
  const last = findCondition(instance.status?.conditions, 'Reconciled');
  const since = last?.status === 'False' ? last.lastTransitionTime : undefined;
  const requeueAfterMs = pollDelayMs(since, ctx.clock);
  const awaited = messagesOf('awaited', placed);
  if (awaited.length > 0) {
    return waitingFor('ClusterNotReadyForIt', listed(awaited), { requeueAfterMs });
  }
  return placed.terminating.length === 0
    ? done
    : waitUntilGone('Pruning', placed.terminating, requeueAfterMs);
}

function messagesOf(state: 'failed' | 'awaited', { wanted, outcomes }: PlacementResult): string[] {
  return wanted.flatMap((ref) => {
    const outcome = outcomes.get(refKey(ref));
    return outcome?.state === state ? [`${describeRef(ref)}: ${outcome.message}`] : [];
  });
}

function waitForDependency(
  { reason, message }: MissingDependency,
  report: Report,
  ctx: Context,
): ReconcileResult {
  if ((ctx.status.inventory ?? []).length === 0) showNotApplied(ctx, 'Waiting', message);
  else {
    const runtime = ctx.status.runtime ?? '';
    showObservation(ctx, { runtime, report, lost: { reason, message }, failed: false });
  }
  return waitingFor(reason, message);
}

function showFailure(error: unknown, report: Report, runtime: RuntimeAccess, ctx: Context): void {
  if ((ctx.status.inventory ?? []).length === 0) showNotApplied(ctx, 'Failed', errorChain(error));
  else {
    const lost = lostSight(runtime);
    showObservation(ctx, { runtime: runtime.name, before: report, report, lost, failed: true });
  }
}

function lostSight({ agentLost }: RuntimeAccess): LostSight | undefined {
  return agentLost === undefined ? undefined : { reason: 'AgentLost', message: agentLost };
}

/** What the agent says of this very instance: one of the same name may have been there before. */
async function readReport(instance: Instance, { api }: Context): Promise<Report> {
  const { namespace = '', name, uid } = instance.metadata;
  const report = await api.find<WorkloadReport>(resourceNames.report, { namespace, name });
  const mine = report?.metadata.ownerReferences?.some((owner) => owner.uid === uid);
  return mine === true ? (report?.status ?? {}) : undefined;
}

function recordPlacement(
  status: WorkloadInstanceStatus,
  inventory: InventoryEntry[],
  namespace: string | undefined,
): void {
  status.inventory = inventory;
  if (namespace === undefined) delete status.namespace;
  else status.namespace = namespace;
}
