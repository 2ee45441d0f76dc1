import { isApiError } from '../../sdk/api/errors.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { Pod, StatefulSet } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';
import { ownKeys } from './owner-keys.js';
import { isPodReady, podFromTemplate } from './pods.js';
import {
  REVISION_LABEL,
  planStatefulSet,
  revisionNameOf,
  statefulSetStatus,
} from './stateful-set-plan.js';

const RESOURCE = 'statefulsets.apps';
const COMPONENT = 'statefulset-controller';

/** Keeps the numbered pods of a StatefulSet, each with claims of its own. */
export const statefulSetController: Controller = {
  name: 'statefulset',
  keysFor: (change) => ownKeys(change, RESOURCE, 'StatefulSet'),
  reconcile,
};

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
  const { cache, client, clock, events } = context;
  const found = cache.get<StatefulSet>(RESOURCE, key.namespace, key.name);
  if (found === undefined || isBeingDeleted(found)) return undefined;
  const podsNow = (): Pod[] => cache.ownedBy<Pod>(found.metadata.uid, 'Pod');
  const plan = planStatefulSet(found, podsNow(), clock.nowMs());
  let failure: unknown;
  try {
    for (const ordinal of plan.create) await createPod(found, ordinal, context);
  } catch (error) {
    failure = error;
  }
  for (const pod of plan.remove) {
    const { namespace = '', name, uid } = pod.metadata;
    await client.delete({ resource: 'pods', namespace, name, uid });
    await events.record(found, COMPONENT, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `delete Pod ${name} in StatefulSet ${found.metadata.name} successful`,
    });
  }
  const current = cache.get<StatefulSet>(RESOURCE, key.namespace, key.name);
  if (current?.metadata.uid !== found.metadata.uid) return undefined;
  await client.updateStatus(current, statefulSetStatus(current, podsNow(), clock.nowMs()));
  if (failure !== undefined) throw failure;
  const minReadySeconds = current.spec?.minReadySeconds ?? 0;
  return minReadySeconds > 0 &&
    (current.status?.availableReplicas ?? 0) < podsNow().filter(isPodReady).length
    ? minReadySeconds * 1_000
    : undefined;
}

async function createPod(
  statefulSet: StatefulSet,
  ordinal: number,
  context: ControllerContext,
): Promise<void> {
  const { client, events } = context;
  const set = statefulSet.metadata.name;
  const name = `${set}-${ordinal}`;
  await createClaims(statefulSet, name, context);
  const pod = podFromTemplate(statefulSet, statefulSet.spec?.template, name, {
    [REVISION_LABEL]: revisionNameOf(statefulSet),
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  });
  const claims = (statefulSet.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }));
  const spec = pod.spec as { volumes?: { name?: string }[] };
  const others = (spec.volumes ?? []).filter((volume) =>
    claims.every((claim) => claim.name !== volume.name),
  );
  const serviceName = statefulSet.spec?.serviceName;
  pod.spec = {
    ...spec,
    hostname: name,
    ...(serviceName !== undefined && serviceName !== '' && { subdomain: serviceName }),
    ...(others.length + claims.length > 0 && { volumes: [...others, ...claims] }),
  };
  try {
    await client.create(pod);
  } catch (error) {
    if (isApiError(error, 'Forbidden') || isApiError(error, 'Invalid')) {
      await tellOnce(statefulSet, context, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `create Pod ${name} in StatefulSet ${set} failed error: ${error.message}`,
      });
    }
    throw error;
  }
  await events.record(statefulSet, COMPONENT, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `create Pod ${name} in StatefulSet ${set} successful`,
  });
}

async function createClaims(
  statefulSet: StatefulSet,
  pod: string,
  { cache, client, events }: ControllerContext,
): Promise<void> {
  const { namespace = '', name: set } = statefulSet.metadata;
  for (const template of statefulSet.spec?.volumeClaimTemplates ?? []) {
    const name = `${template.metadata.name}-${pod}`;
    if (cache.get('persistentvolumeclaims', namespace, name) !== undefined) continue;
    const matchLabels = statefulSet.spec?.selector?.matchLabels ?? {};
    await client.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, labels: { ...template.metadata.labels, ...matchLabels } },
      spec: structuredClone(template.spec ?? {}),
    });
    await events.record(statefulSet, COMPONENT, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `create Claim ${name} Pod ${pod} in StatefulSet ${set} success`,
    });
  }
}

/** Retries of the same failure are silent, so that a full quota causes no writes. */
async function tellOnce(
  statefulSet: StatefulSet,
  { cache, events }: ControllerContext,
  event: Parameters<ControllerContext['events']['record']>[2],
): Promise<void> {
  const told = cache
    .list('events', statefulSet.metadata.namespace ?? '')
    .some((known) => known['message'] === event.message);
  if (!told) await events.record(statefulSet, COMPONENT, event);
}
