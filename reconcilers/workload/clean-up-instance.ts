import type { StoredApiObject } from '../../sdk/api/object.js';
import type {
  InventoryEntry,
  WorkloadInstanceSpec,
  WorkloadInstanceStatus,
} from '../../sdk/api/zz_generated.types.js';
import { findRuntime } from '../../sdk/kube/find-runtime.js';
import type { ReconcileContext, ReconcileResult } from '../../sdk/runtime/reconciler.js';
import { done, waitingFor } from '../../sdk/runtime/reconciler.js';
import { withRuntime } from './cluster-unreachable.js';
import { pollDelayMs } from './poll-delay.js';
import { removeResources } from './remove-resources.js';
import { describeRef } from './resource-ref.js';
import { countResources, listed } from './wording.js';

/**
 * Removes from the cluster what the instance made, and nothing else; done when it is really gone.
 * Waits for a runtime that is not ready.
 */
export async function cleanUpInstance(
  instance: StoredApiObject<WorkloadInstanceSpec, WorkloadInstanceStatus>,
  ctx: ReconcileContext<WorkloadInstanceStatus>,
): Promise<ReconcileResult> {
  const inventory = ctx.status.inventory ?? [];
  const runtimeName = instance.spec?.runtime;
  if (inventory.length === 0 || runtimeName === undefined) return done;
  ctx.status.phase = 'Deleting';
  const result = await removeFromRuntime(instance, runtimeName, inventory, ctx);
  const message = result.outcome === 'waiting' ? result.message : '';
  ctx.setCondition({ type: 'Ready', status: 'False', reason: 'Deleting', message });
  return result;
}

async function removeFromRuntime(
  instance: StoredApiObject<WorkloadInstanceSpec, WorkloadInstanceStatus>,
  runtimeName: string,
  inventory: readonly InventoryEntry[],
  ctx: ReconcileContext<WorkloadInstanceStatus>,
): Promise<ReconcileResult> {
  const runtime = await findRuntime(runtimeName, ctx);
  if ('missing' in runtime) return withoutRuntime(runtime.missing, inventory, ctx);
  const remaining = await withRuntime(
    runtimeName,
    removeResources(runtime.kube, inventory, instance.metadata.uid, ctx.signal),
  );
  ctx.status.inventory = remaining;
  return remaining.length === 0
    ? done
    : waitUntilGone(
        'Deleting',
        remaining,
        pollDelayMs(instance.metadata.deletionTimestamp, ctx.clock),
      );
}

/** The answer while something that was deleted in the cluster is still there. */
export function waitUntilGone(
  reason: string,
  remaining: readonly InventoryEntry[],
  requeueAfterMs: number,
): ReconcileResult {
  const names = listed(remaining.map(describeRef));
  const message = `waiting for ${countResources(remaining)} to be gone: ${names}`;
  return waitingFor(reason, message, { requeueAfterMs });
}

function withoutRuntime(
  missing: { readonly reason: string; readonly message: string },
  inventory: readonly InventoryEntry[],
  ctx: ReconcileContext<WorkloadInstanceStatus>,
): ReconcileResult {
  if (missing.reason === 'RuntimeMissing') {
    ctx.log.warn('the runtime is gone, so what was applied to its cluster is left there', {
      resources: inventory.length,
    });
    return done;
  }
  const what = `cannot delete ${countResources(inventory)} from the cluster`;
  return waitingFor(missing.reason, `${what}: ${missing.message}`);
}
