import type { ReportedWorkload } from '../sdk/api/work.js';
import type { Assessment } from './health/health.js';
import { assessHealth } from './health/index.js';
import type { KeptEvent } from './kept-event.js';
import type { KeptObject } from './kept-object.js';
import type { InventoryEntry, TrackedInstance } from './tracked-instance.js';
import { foldWarnings, isAbout } from './warnings.js';

/** What is known of one resource: the object, that it is not there, or why nobody can say. */
export type Sighting =
  { readonly object: KeptObject } | { readonly missing: true } | { readonly unknown: string };

/** The cluster as the agent sees it, as far as one report needs it. */
export interface ClusterSight {
  find(entry: InventoryEntry): Sighting;
  /** The pods that carry the instance's label. */
  podsOf(instanceUid: string): readonly KeptObject[];
  /** Every event about something in this namespace; '' for cluster-scoped things. */
  eventsIn(namespace: string): Iterable<KeptEvent>;
}

/**
 * The report of one instance: its resources in the order of its inventory, and the newest warnings.
 * Pure, and made so that it is equal as long as there is nothing new to say.
 */
export function buildReport(
  instance: TrackedInstance & { readonly inventory: readonly InventoryEntry[] },
  cluster: ClusterSight,
): ReportedWorkload {
  const pods = cluster.podsOf(instance.uid);
  const uids = new Set(pods.map((pod) => pod.metadata.uid ?? ''));
  const resources = instance.inventory.map((entry) => {
    const sighting = cluster.find(entry);
    if ('object' in sighting) uids.add(sighting.object.metadata.uid ?? '');
    return toResource(entry, sighting, pods);
  });
  const namespaces = new Set(instance.inventory.map((entry) => entry.namespace ?? ''));
  const events = [...namespaces].flatMap((namespace) =>
    [...cluster.eventsIn(namespace)].filter((event) =>
      isAbout(event.involved, instance.inventory, uids),
    ),
  );
  return {
    namespace: instance.namespace,
    name: instance.name,
    owner: {
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'WorkloadInstance',
      name: instance.name,
      uid: instance.uid,
    },
    status: { resources, warnings: foldWarnings(events) },
  };
}

function toResource(
  entry: InventoryEntry,
  sighting: Sighting,
  pods: readonly KeptObject[],
): Record<string, unknown> {
  if (!('object' in sighting)) {
    return { ...entry, ...toAssessment(sighting) };
  }
  const { metadata, revision } = sighting.object;
  return {
    ...entry,
    ...(metadata.uid !== undefined && { uid: metadata.uid }),
    ...assessHealth(sighting.object, pods),
    ...(metadata.creationTimestamp !== undefined && { createdAt: metadata.creationTimestamp }),
    ...(revision !== undefined && { revision }),
  };
}

function toAssessment(
  sighting: { readonly missing: true } | { readonly unknown: string },
): Assessment {
  return 'missing' in sighting
    ? { health: 'Missing', message: 'not in the cluster' }
    : { health: 'Unknown', message: sighting.unknown };
}
