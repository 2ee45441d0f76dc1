import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { DaemonSet, Pod } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';
import { hashName, randomSuffix } from './names.js';
import { ownKeys } from './owner-keys.js';
import { isPodActive, isPodAvailable, isPodReady, podFromTemplate } from './pods.js';

const RESOURCE = 'daemonsets.apps';
const COMPONENT = 'daemonset-controller';
const HASH_LABEL = 'controller-revision-hash';

/** Keeps one pod of a DaemonSet on the one node. */
export const daemonSetController: Controller = {
  name: 'daemonset',
  keysFor: (change) => ownKeys(change, RESOURCE, 'DaemonSet'),
  reconcile,
};

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
  const { cache, client, clock, events } = context;
  const found = cache.get<DaemonSet>(RESOURCE, key.namespace, key.name);
  if (found === undefined || isBeingDeleted(found)) return undefined;
  const hash = hashName(found.spec?.template ?? {});
  const podsNow = (): Pod[] => cache.ownedBy<Pod>(found.metadata.uid, 'Pod').filter(isPodActive);
  const onDelete = found.spec?.updateStrategy?.type === 'OnDelete';
  const [kept, ...surplus] = podsNow();
  const isOutdated = kept !== undefined && !onDelete && kept.metadata.labels?.[HASH_LABEL] !== hash;
  for (const pod of isOutdated ? [kept, ...surplus] : surplus) {
    const { namespace = '', name, uid } = pod.metadata;
    await client.delete({ resource: 'pods', namespace, name, uid });
    const message = `Deleted pod: ${name}`;
    await events.record(found, COMPONENT, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
  if (podsNow().length === 0) {
    const name = `${found.metadata.name}-${randomSuffix(clock)}`;
    const labels = {
      [HASH_LABEL]: hash,
      'pod-template-generation': String(found.metadata.generation),
    };
    await client.create(podFromTemplate(found, found.spec?.template, name, labels));
    const message = `Created pod: ${name}`;
    await events.record(found, COMPONENT, { type: 'Normal', reason: 'SuccessfulCreate', message });
  }
  const current = cache.get<DaemonSet>(RESOURCE, key.namespace, key.name);
  if (current?.metadata.uid !== found.metadata.uid) return undefined;
  await client.updateStatus(current, daemonSetStatus(current, podsNow(), hash, clock.nowMs()));
  return undefined;
}

/** The status of a DaemonSet with these pods, on a cluster of one node: pure. */
export function daemonSetStatus(
  daemonSet: DaemonSet,
  pods: readonly Pod[],
  hash: string,
  nowMs: number,
): Record<string, number> {
  const available = pods.filter((pod) =>
    isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs),
  ).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === hash).length;
  return {
    currentNumberScheduled: Math.min(1, pods.length),
    desiredNumberScheduled: 1,
    numberMisscheduled: 0,
    numberReady: pods.filter(isPodReady).length,
    ...(updated > 0 && { updatedNumberScheduled: updated }),
    ...(available > 0 && { numberAvailable: available }),
    ...(available < 1 && { numberUnavailable: 1 }),
    observedGeneration: daemonSet.metadata.generation,
  };
}
