import { findCondition, isConditionTrue } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type {
  WorkloadDefinition,
  WorkloadInstance,
  WorkloadSpec,
  WorkloadStatus,
} from '../../sdk/api/zz_generated.types.js';
import { deepEqual } from '../../sdk/kube/same-object.js';
import type {
  ReconcileContext,
  Reconciler,
  ReconcileResult,
} from '../../sdk/runtime/reconciler.js';
import { done, ReconcileError, waitingFor } from '../../sdk/runtime/reconciler.js';
import { chooseRuntime } from './choose-runtime.js';
import { resourceNames } from './resource-names.js';
import type { Child } from './workload-children.js';
import {
  childKey,
  definitionFor,
  describeChild,
  findChildren,
  instanceFor,
  isChildOf,
} from './workload-children.js';

type Workload = StoredApiObject<WorkloadSpec, WorkloadStatus>;
type Context = ReconcileContext<WorkloadStatus>;

/** Turns the one-file form into a WorkloadDefinition and a WorkloadInstance, and shows the latter. */
export const workloadReconciler: Reconciler<WorkloadSpec, WorkloadStatus> = {
  resource: resourceNames.workload,
  reconcile,
  cleanUp,
};

async function reconcile(workload: Workload, ctx: Context): Promise<ReconcileResult> {
  const { runtime: named, ...manifests } = workload.spec ?? {};
  // The choice made, it is the instance's: only the first time is a default looked for, meanwhile.
  const isNew = ctx.status.runtime === undefined;
  const [found, firstChoice] = await Promise.all([
    findChildren(workload, ctx.api),
    isNew ? chooseRuntime(named, ctx.api) : undefined,
  ]);
  for (const child of [found.definition, found.instance]) {
    if (child === undefined) continue;
    if (!isChildOf(child, workload)) throw nameTaken(child, ctx);
    if (isBeingDeleted(child)) {
      return wait(ctx, 'ChildTerminating', `${describeChild(child)} is being deleted`);
    }
  }
  // Placed already: another default, chosen since, does not move it.
  const placedOn = found.instance?.spec?.runtime;
  const choice =
    placedOn === undefined && firstChoice !== undefined
      ? firstChoice
      : await chooseRuntime(placedOn ?? named, ctx.api);
  if ('reason' in choice) return wait(ctx, choice.reason, choice.message);
  ctx.status.runtime = choice.runtime;
  const [definition, instance] = await Promise.all([
    ensure(ctx, found.definition, definitionFor(workload, manifests)),
    ensure(ctx, found.instance, instanceFor(workload, choice.runtime)),
  ]);
  return showInstance(instance, definition, ctx);
}

async function cleanUp(workload: Workload, ctx: Context): Promise<ReconcileResult> {
  const { definition, instance } = await findChildren(workload, ctx.api);
  ctx.status.phase = 'Deleting';
  // The definition goes last: the instance refers to it.
  const waiting =
    (await removeChild(workload, resourceNames.instance, instance, ctx)) ??
    (await removeChild(workload, resourceNames.definition, definition, ctx));
  const message = waiting?.outcome === 'waiting' ? waiting.message : '';
  ctx.setCondition({ type: 'Ready', status: 'False', reason: 'Deleting', message });
  return waiting ?? done;
}

/** What to wait for until the child is gone; undefined when it is, or is not ours. */
async function removeChild(
  workload: Workload,
  resource: string,
  child: Child | undefined,
  { api }: Context,
): Promise<ReconcileResult | undefined> {
  if (child === undefined || !isChildOf(child, workload)) return undefined;
  if (!isBeingDeleted(child)) await api.delete(resource, child);
  const left = await api.find<WorkloadInstance>(resource, childKey(workload));
  if (left?.metadata.uid !== child.metadata.uid) return undefined;
  const message = `waiting for ${describeChild(child)} to be gone`;
  const reconciled = findCondition(left.status?.conditions, 'Reconciled');
  const why = reconciled?.status === 'False' ? `: ${reconciled.message}` : '';
  return waitingFor('Deleting', message + why);
}

/** Writes the child unless it is there with this spec already. */
async function ensure<O extends WorkloadDefinition | WorkloadInstance>(
  { api }: Context,
  found: (O & StoredApiObject) | undefined,
  wanted: O,
): Promise<O & StoredApiObject> {
  return found !== undefined && deepEqual(found.spec, wanted.spec) ? found : api.apply(wanted);
}

function showInstance(
  instance: WorkloadInstance & StoredApiObject,
  definition: WorkloadDefinition & StoredApiObject,
  { status, setCondition }: Context,
): ReconcileResult {
  const { phase = 'Deploying', namespace, resources, warnings, conditions } = instance.status ?? {};
  const upToDate =
    instance.status?.observedGeneration === instance.metadata.generation &&
    instance.status?.definitionGeneration === definition.metadata.generation;
  delete status.namespace;
  Object.assign(status, {
    phase,
    resources: (resources ?? []).map(({ verified: _verified, ...resource }) => resource),
    warnings: warnings ?? [],
    ...(namespace !== undefined && { namespace }),
  });
  const ready = findCondition(conditions, 'Ready');
  if (ready !== undefined && (upToDate || ready.status !== 'True')) {
    const { reason, message } = ready;
    setCondition({ type: 'Ready', status: ready.status, reason, message });
  } else {
    const message = 'what was applied last is not in the cluster yet';
    setCondition({ type: 'Ready', status: 'False', reason: 'Progressing', message });
  }
  if (upToDate && isConditionTrue(conditions, 'Reconciled')) return done;
  const reconciled = findCondition(conditions, 'Reconciled');
  const message =
    reconciled?.status === 'False'
      ? reconciled.message
      : `${describeChild(instance)} is being reconciled`;
  return waitingFor('InstanceNotReconciled', message);
}

function nameTaken(child: Child, { status, setCondition }: Context): ReconcileError {
  const message =
    `${describeChild(child)} exists already and does not belong to this workload; ` +
    'delete it or give the workload another name';
  status.phase = 'Failed';
  setCondition({ type: 'Ready', status: 'False', reason: 'NameTaken', message });
  return new ReconcileError('NameTaken', message);
}

function wait({ status, setCondition }: Context, reason: string, message: string): ReconcileResult {
  status.phase = 'Waiting';
  setCondition({ type: 'Ready', status: 'False', reason, message });
  return waitingFor(reason, message);
}
