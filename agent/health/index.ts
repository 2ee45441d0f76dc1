import { parseApiVersion } from '../../sdk/api/object.js';
import type { KeptFields, KeptObject } from '../kept-object.js';
import { byConditions } from './by-conditions.js';
import { cronJob } from './cron-job.js';
import { customResourceDefinition } from './custom-resource-definition.js';
import { daemonSet } from './daemon-set.js';
import { deployment } from './deployment.js';
import type { Assessment, KindHealth } from './health.js';
import { progressing } from './health.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';
import { ingress } from './ingress.js';
import { job } from './job.js';
import { namespace } from './namespace.js';
import { persistentVolumeClaim } from './persistent-volume-claim.js';
import { pod } from './pod.js';
import { podsOf } from './pods-of.js';
import { replicaSet } from './replica-set.js';
import { service } from './service.js';
import { statefulSet } from './stateful-set.js';

/** By `group/Kind`: versions of a kind differ in nothing that is read here. */
const KINDS: Readonly<Record<string, KindHealth>> = {
  '/Namespace': namespace,
  '/PersistentVolumeClaim': persistentVolumeClaim,
  '/Pod': pod,
  '/Service': service,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
  'apps/DaemonSet': daemonSet,
  'apps/Deployment': deployment,
  'apps/ReplicaSet': replicaSet,
  'apps/StatefulSet': statefulSet,
  'autoscaling/HorizontalPodAutoscaler': horizontalPodAutoscaler,
  'batch/CronJob': cronJob,
  'batch/Job': job,
  'extensions/Ingress': ingress,
  'networking.k8s.io/Ingress': ingress,
};

/** Kinds whose controller always says which generation it saw: no word means none yet. */
const SAYS_GENERATION: ReadonlySet<KindHealth> = new Set<KindHealth>([
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
]);

/** The fields that must be kept of a kind for its health to be told. */
export function keptFieldsOf(apiVersion: string, kind: string): KeptFields {
  return kindHealth(apiVersion, kind);
}

/**
 * The health of an object that is in the cluster. Pure: equal input gives an equal answer.
 *
 * @param pods the pods of the same workload instance; those that the object's selector does not
 *   find are left out of account.
 */
export function assessHealth(object: KeptObject, pods: readonly KeptObject[]): Assessment {
  const kind = kindHealth(object.apiVersion, object.kind);
  if (object.metadata.deletionTimestamp !== undefined && kind !== namespace) {
    return progressing('being deleted');
  }
  const observed = object.status['observedGeneration'];
  const seen = typeof observed === 'number' ? observed : undefined;
  if (isBehind(object.metadata.generation, seen, SAYS_GENERATION.has(kind))) {
    return progressing('the newest change of its spec has not been seen by its controller yet');
  }
  return kind.assess(object, 'selector' in object.spec ? podsOf(object, pods) : []);
}

function isBehind(
  generation: number | undefined,
  observed: number | undefined,
  alwaysSaid: boolean,
): boolean {
  if (generation === undefined) return false;
  return observed === undefined ? alwaysSaid : observed < generation;
}

function kindHealth(apiVersion: string, kind: string): KindHealth {
  return KINDS[`${parseApiVersion(apiVersion).group}/${kind}`] ?? byConditions;
}
