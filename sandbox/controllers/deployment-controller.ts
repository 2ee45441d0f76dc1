import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { Deployment, ReplicaSet } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';
import {
  HASH_LABEL,
  REVISION_ANNOTATION,
  currentReplicaSet,
  planDeployment,
  revisionOf,
  rollingLimits,
} from './deployment-plan.js';
import type { DeploymentPlan } from './deployment-plan.js';
import { deadlineDelayMs, deploymentStatus } from './deployment-status.js';
import { ownKeys } from './owner-keys.js';
import { controllerReference } from './pods.js';

const RESOURCE = 'deployments.apps';
const COMPONENT = 'deployment-controller';

/** Rolls a Deployment's template out: one ReplicaSet per template, sized step by step. */
export const deploymentController: Controller = {
  name: 'deployment',
  keysFor: (change) => ownKeys(change, RESOURCE, 'Deployment'),
  reconcile,
};

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
  const { cache, client, clock } = context;
  const found = cache.get<Deployment>(RESOURCE, key.namespace, key.name);
  if (found === undefined || isBeingDeleted(found)) return undefined;
  const { uid } = found.metadata;
  const replicaSets = (): ReplicaSet[] => cache.ownedBy<ReplicaSet>(uid, 'ReplicaSet');
  await carryOut(found, planDeployment(found, replicaSets()), replicaSets(), context);
  await noteRevision(found, replicaSets(), context);
  await dropHistory(found, replicaSets(), context);
  const current = cache.get<Deployment>(RESOURCE, key.namespace, key.name);
  if (current === undefined || current.metadata.uid !== uid) return undefined;
  const status = deploymentStatus(current, replicaSets(), clock.nowMs());
  const updated = await client.updateStatus(current, status);
  return deadlineDelayMs(updated as Deployment, clock.nowMs());
}

async function carryOut(
  deployment: Deployment,
  plan: DeploymentPlan,
  replicaSets: readonly ReplicaSet[],
  context: ControllerContext,
): Promise<void> {
  const { client } = context;
  const latest = Math.max(0, ...replicaSets.map(revisionOf));
  if (plan.createWith !== undefined) {
    const created = newReplicaSet(deployment, plan.hash, plan.createWith, latest + 1);
    await client.create(created);
    await tellScaled(deployment, created.metadata.name, 0, plan.createWith, context);
  }
  for (const { replicaSet, replicas } of plan.scale) {
    const before = replicaSet.spec?.replicas ?? 0;
    await client.update({ ...replicaSet, spec: { ...replicaSet.spec, replicas } });
    await tellScaled(deployment, replicaSet.metadata.name, before, replicas, context);
  }
}

function newReplicaSet(
  deployment: Deployment,
  hash: string,
  replicas: number,
  revision: number,
): Parameters<ControllerContext['client']['create']>[0] {
  const template = structuredClone(deployment.spec?.template ?? {});
  template.metadata = {
    ...template.metadata,
    labels: { ...template.metadata?.labels, [HASH_LABEL]: hash },
  };
  const selector = structuredClone(deployment.spec?.selector ?? {});
  const wanted = deployment.spec?.replicas ?? 1;
  const minReadySeconds = deployment.spec?.minReadySeconds;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace !== undefined && {
        namespace: deployment.metadata.namespace,
      }),
      labels: { ...template.metadata.labels },
      annotations: {
        [REVISION_ANNOTATION]: String(revision),
        'deployment.kubernetes.io/desired-replicas': String(wanted),
        'deployment.kubernetes.io/max-replicas': String(wanted + rollingLimits(deployment).surge),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template,
    },
  };
}

/** A template used again (a rollback) becomes the newest revision; the Deployment shows it. */
async function noteRevision(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  { client }: ControllerContext,
): Promise<void> {
  const current = currentReplicaSet(deployment, replicaSets);
  if (current === undefined) return;
  const others = replicaSets.filter((candidate) => candidate !== current);
  const newest = Math.max(0, ...others.map(revisionOf));
  let revision = revisionOf(current);
  if (revision <= newest) {
    revision = newest + 1;
    const annotations = {
      ...current.metadata.annotations,
      [REVISION_ANNOTATION]: String(revision),
    };
    await client.update({ ...current, metadata: { ...current.metadata, annotations } });
  }
  if (revisionOf(deployment) === revision) return;
  const annotations = {
    ...deployment.metadata.annotations,
    [REVISION_ANNOTATION]: String(revision),
  };
  await client.update({ ...deployment, metadata: { ...deployment.metadata, annotations } });
}

async function dropHistory(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  { client }: ControllerContext,
): Promise<void> {
  const current = currentReplicaSet(deployment, replicaSets);
  const idle = replicaSets
    .filter(
      (item) => item !== current && item.spec?.replicas === 0 && (item.status?.replicas ?? 0) === 0,
    )
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  const surplus = idle.length - (deployment.spec?.revisionHistoryLimit ?? 10);
  for (const { metadata } of idle.slice(0, Math.max(0, surplus))) {
    const { namespace = '', name, uid } = metadata;
    await client.delete({ resource: 'replicasets.apps', namespace, name, uid });
  }
}

async function tellScaled(
  deployment: Deployment,
  replicaSet: string,
  from: number,
  to: number,
  { events }: ControllerContext,
): Promise<void> {
  if (from === to) return;
  await events.record(deployment, COMPONENT, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet} from ${from} to ${to}`,
  });
}
