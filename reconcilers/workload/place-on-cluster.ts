import type { InventoryEntry, Manifests } from '../../sdk/api/zz_generated.types.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { ApplyOutcome } from './apply-resources.js';
import { applyResources } from './apply-resources.js';
import type { Placement } from './decorate.js';
import { hashOfAll } from './decorate.js';
import { desiredState, readScopes } from './desired-state.js';
import { parseManifests } from './manifests.js';
import { removeResources } from './remove-resources.js';
import { refOf, refsWithout, unionOfRefs } from './resource-ref.js';

export interface PlacementRecord {
  /** In and out: see the status of WorkloadInstance. */
  readonly inventory: readonly InventoryEntry[];
  /** Writes the intent down before anything is made. */
  recordIntent(inventory: InventoryEntry[], namespace: string | undefined): Promise<void>;
  /** Resources that need no look, with their revision, by `refKey`; given the hash of what is wanted. */
  stillVerified(appliedHash: string): ReadonlyMap<string, string>;
}

export interface PlacementResult {
  readonly namespace: string | undefined;
  /** See the status of WorkloadInstance. */
  readonly appliedHash: string;
  /** Every resource of the definition, also those that cannot be applied. */
  readonly wanted: readonly InventoryEntry[];
  readonly outcomes: ReadonlyMap<string, ApplyOutcome>;
  /** What is, or may be, in the cluster because of this instance. */
  readonly inventory: InventoryEntry[];
  /** No longer wanted, deleted, and not gone yet. */
  readonly terminating: readonly InventoryEntry[];
}

/**
 * Makes the cluster hold what the definition says, and no longer what it said before. Nothing is
 * pruned while a resource fails: what ran before the edit goes on running.
 *
 * @throws TerminalError ManifestsInvalid; ApiError when the cluster cannot be reached.
 */
export async function placeOnCluster(
  kube: KubePort,
  manifests: Manifests,
  placement: Placement,
  record: PlacementRecord,
  signal: AbortSignal,
): Promise<PlacementResult> {
  const parsed = parseManifests(manifests);
  const desired = desiredState(parsed, await readScopes(kube, parsed), placement);
  const wanted = desired.resources.map(({ object }) => refOf(object));
  const appliable = desired.resources
    .filter(({ served }) => served !== 'unknown')
    .map(({ object }) => refOf(object));
  const appliedHash = hashOfAll(desired.resources.map(({ object }) => object));
  const inventory = unionOfRefs(appliable, record.inventory);
  if (refsWithout(appliable, record.inventory).length > 0) {
    await record.recordIntent(inventory, desired.namespace);
  }
  // The first time, nothing can be in a namespace whose name nobody else could have had.
  const isNew = desired.ownsNamespace && record.inventory.length === 0;
  const outcomes = await applyResources(kube, desired.resources, {
    instanceUid: placement.instanceUid,
    ...(isNew && desired.namespace !== undefined && { newNamespace: desired.namespace }),
    verified: record.stillVerified(appliedHash),
    signal,
  });
  const result = { namespace: desired.namespace, appliedHash, wanted, outcomes };
  const states = [...outcomes.values()].map(({ state }) => state);
  if (states.includes('failed') || states.includes('awaited')) {
    return { ...result, inventory, terminating: [] };
  }
  const unwanted = refsWithout(record.inventory, wanted);
  const terminating = await removeResources(kube, unwanted, placement.instanceUid, signal);
  return { ...result, inventory: [...wanted, ...terminating], terminating };
}
