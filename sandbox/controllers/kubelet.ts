import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { ClusterCache, ObjectChange } from '../cluster-cache.js';
import type { Container, Pod } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';
import type { MissingParts } from './pod-lifecycle.js';
import { nextPodStep, stageOf } from './pod-lifecycle.js';

const RESOURCE = 'pods';
/** Kinds that a pending pod may be waiting for. */
const AWAITED = new Set(['configmaps', 'secrets', 'persistentvolumeclaims']);

interface Stage {
  readonly name: string;
  readonly sinceMs: number;
}

/**
 * Scheduler and kubelet of the one node: takes each pod through its life, a step at a time. How
 * long a pod has been in a stage is remembered in memory only; after a restart the stage begins anew.
 */
export class Kubelet implements Controller {
  readonly name = 'kubelet';
  readonly #stages = new Map<string, Stage>();
  /** What was last told of pods whose step is only an event, so that it is told once. */
  readonly #told = new Map<string, string>();

  keysFor(change: ObjectChange, cache: ClusterCache): readonly ObjectKey[] {
    if (change.resource === RESOURCE) {
      if (change.type === 'DELETED') {
        this.#stages.delete(change.object.metadata.uid);
        this.#told.delete(change.object.metadata.uid);
      }
      return [objectKeyOf(change.object)];
    }
    if (!AWAITED.has(change.resource) || change.type === 'DELETED') return [];
    return cache
      .list<Pod>(RESOURCE, change.object.metadata.namespace ?? '')
      .filter((pod) => pod.status?.phase === undefined || pod.status.phase === 'Pending')
      .map(objectKeyOf);
  }

  async reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
    const { cache, client, clock, events } = context;
    const pod = cache.get<Pod>(RESOURCE, key.namespace, key.name);
    if (pod === undefined || isBeingDeleted(pod)) return undefined;
    const nowMs = clock.nowMs();
    const step = nextPodStep(pod, missingParts(pod, cache), nowMs);
    if (step === undefined) return undefined;
    const remainingMs = this.#stageSince(pod, nowMs) + step.afterMs - nowMs;
    if (remainingMs > 0) return remainingMs;
    const component = step.nodeName === undefined ? 'kubelet' : 'default-scheduler';
    if (step.nodeName !== undefined) {
      await client.update({ ...pod, spec: { ...pod.spec, nodeName: step.nodeName } });
    }
    if (step.status !== undefined) await client.updateStatus(pod, step.status);
    const isOnlyEvent = step.nodeName === undefined && step.status === undefined;
    const text = JSON.stringify(step.events);
    if (isOnlyEvent && this.#told.get(pod.metadata.uid) === text) return undefined;
    if (isOnlyEvent) this.#told.set(pod.metadata.uid, text);
    for (const event of step.events) await events.record(pod, component, event);
    // A write comes back as a change; a step that wrote nothing waits for one.
    return undefined;
  }

  #stageSince(pod: Pod, nowMs: number): number {
    const name = stageOf(pod);
    const known = this.#stages.get(pod.metadata.uid);
    if (known?.name === name) return known.sinceMs;
    this.#stages.set(pod.metadata.uid, { name, sinceMs: nowMs });
    return nowMs;
  }
}

/** What the pod needs and its namespace does not have, in the words of scheduler and kubelet. */
export function missingParts(pod: Pod, cache: Pick<ClusterCache, 'get'>): MissingParts {
  const namespace = pod.metadata.namespace ?? '';
  const has = (resource: string, name: string | undefined): boolean =>
    name === undefined || cache.get(resource, namespace, name) !== undefined;
  let mount: string | undefined;
  let claim: string | undefined;
  for (const volume of pod.spec?.volumes ?? []) {
    const { configMap, secret, persistentVolumeClaim } = volume;
    const claimName = persistentVolumeClaim?.claimName;
    if (!has('persistentvolumeclaims', claimName)) {
      claim ??= `persistentvolumeclaim "${claimName}" not found`;
    } else if (claimName !== undefined && !isBound(namespace, claimName, cache)) {
      claim ??= 'pod has unbound immediate PersistentVolumeClaims';
    }
    if (configMap?.optional !== true && !has('configmaps', configMap?.name)) {
      mount ??= `MountVolume.SetUp failed for volume "${volume.name}" : configmap "${configMap?.name}" not found`;
    }
    if (secret?.optional !== true && !has('secrets', secret?.secretName)) {
      mount ??= `MountVolume.SetUp failed for volume "${volume.name}" : secret "${secret?.secretName}" not found`;
    }
  }
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const environment = containers
    .map((container) => missingEnvironment(container, namespace, cache))
    .find((message) => message !== undefined);
  return {
    ...(mount !== undefined && { mount }),
    ...(claim !== undefined && { claim }),
    ...(environment !== undefined && { environment }),
  };
}

function isBound(namespace: string, name: string, cache: Pick<ClusterCache, 'get'>): boolean {
  const claim = cache.get('persistentvolumeclaims', namespace, name);
  return (claim?.status as { phase?: string } | undefined)?.phase === 'Bound';
}

function missingEnvironment(
  container: Container,
  namespace: string,
  cache: Pick<ClusterCache, 'get'>,
): string | undefined {
  const wanted = [
    ...(container.envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
      { resource: 'configmaps', reference: configMapRef },
      { resource: 'secrets', reference: secretRef },
    ]),
    ...(container.env ?? []).flatMap(({ valueFrom }) => [
      { resource: 'configmaps', reference: valueFrom?.configMapKeyRef },
      { resource: 'secrets', reference: valueFrom?.secretKeyRef },
    ]),
  ];
  for (const { resource, reference } of wanted) {
    if (reference?.name === undefined || reference.optional === true) continue;
    const found = cache.get(resource, namespace, reference.name);
    const { name } = reference;
    const singular = resource === 'secrets' ? 'secret' : 'configmap';
    if (found === undefined) return `${singular} "${name}" not found`;
    const key = (reference as { key?: string }).key;
    const data = {
      ...(found['data'] as object | undefined),
      ...(found['binaryData'] as object | undefined),
    };
    if (key !== undefined && !Object.hasOwn(data, key)) {
      const title = resource === 'secrets' ? 'Secret' : 'ConfigMap';
      return `couldn't find key ${key} in ${title} ${namespace}/${name}`;
    }
  }
  return undefined;
}
