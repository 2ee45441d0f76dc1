import type { InventoryEntry } from '../../sdk/api/zz_generated.types.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { ReconcileError } from '../../sdk/runtime/reconciler.js';
import { inDeleteOrder } from './apply-order.js';
import { isOfWholeCluster, maxConcurrentCalls } from './apply-resources.js';
import { belongsTo } from './decorate.js';
import { mapLimited } from '../../sdk/map-limited.js';
import { describeRef, refKey } from './resource-ref.js';

/**
 * Deletes what carries the instance's label, in the reverse of the order in which it was applied:
 * a phase is begun when the one before is gone. What belongs to others is left alone and counts as
 * gone. Returns what is still there, in the given order; call again until that is nothing.
 *
 * @throws ReconcileError DeleteFailed naming the resource, with the cluster's words; ApiError
 *   ServiceUnavailable or Timeout when the cluster cannot be reached.
 */
export async function removeResources(
  kube: KubePort,
  refs: readonly InventoryEntry[],
  instanceUid: string,
  signal: AbortSignal,
): Promise<InventoryEntry[]> {
  const gone = new Set<string>();
  for (const phase of inDeleteOrder(refs)) {
    const results = await mapLimited(phase, maxConcurrentCalls, async (ref) => {
      signal.throwIfAborted();
      return removeResource(kube, ref, instanceUid);
    });
    for (const [index, ref] of phase.entries()) {
      if (results[index] === 'gone') gone.add(refKey(ref));
    }
    if (results.includes('terminating')) break;
  }
  return refs.filter((ref) => !gone.has(refKey(ref)));
}

async function removeResource(
  kube: KubePort,
  ref: InventoryEntry,
  instanceUid: string,
): Promise<'gone' | 'terminating'> {
  try {
    const live = await kube.find(ref);
    if (live === undefined || !belongsTo(live, instanceUid)) return 'gone';
    if (live.metadata.deletionTimestamp === undefined) {
      await kube.delete(ref, live.metadata.uid);
    }
    // Most kinds are gone at once, which saves a second round.
    const after = await kube.find(ref);
    return after?.metadata.uid === live.metadata.uid ? 'terminating' : 'gone';
  } catch (error) {
    if (isOfWholeCluster(error)) throw error;
    throw new ReconcileError('DeleteFailed', `cannot delete ${describeRef(ref)}`, { cause: error });
  }
}
