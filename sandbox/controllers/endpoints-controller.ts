import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey, StoredApiObject } from '../../sdk/api/object.js';
import { deepEqual } from '../../server/apply/deep-equal.js';
import type { ClusterCache, ObjectChange } from '../cluster-cache.js';
import type { Pod, Service, ServicePort } from '../kubernetes-types.js';
import { matchesSelector } from '../label-selector.js';
import type { Controller, ControllerContext } from './controller.js';
import { isPodActive, isPodReady } from './pods.js';

const MANAGED_LABEL = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';

interface EndpointAddress {
  ip: string;
  nodeName?: string;
  targetRef: { kind: string; namespace: string; name: string; uid: string };
}

interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: { name?: string; port: number; protocol: string }[];
}

/** Keeps the Endpoints of each Service that has a selector: the addresses of its pods. */
export const endpointsController: Controller = { name: 'endpoints', keysFor, reconcile };

function keysFor(change: ObjectChange, cache: ClusterCache): readonly ObjectKey[] {
  const { resource, object } = change;
  if (resource === 'services' || resource === 'endpoints') return [objectKeyOf(object)];
  if (resource !== 'pods') return [];
  return cache
    .list<Service>('services', object.metadata.namespace ?? '')
    .filter(({ spec }) => {
      const selector = spec?.selector;
      if (selector === undefined) return false;
      return [object, change.old].some((pod) =>
        pod === undefined ? false : matchesSelector(pod.metadata.labels, { matchLabels: selector }),
      );
    })
    .map(objectKeyOf);
}

async function reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
  const service = cache.get<Service>('services', key.namespace, key.name);
  const existing = cache.get('endpoints', key.namespace, key.name);
  if (service === undefined || isBeingDeleted(service)) {
    if (existing?.metadata.labels?.[MANAGED_LABEL] === MANAGER) {
      await client.delete({ resource: 'endpoints', ...key, uid: existing.metadata.uid });
    }
    return undefined;
  }
  const selector = service.spec?.selector;
  if (selector === undefined || service.spec?.type === 'ExternalName') return undefined;
  const pods = cache
    .list<Pod>('pods', key.namespace)
    .filter(
      (pod) => isPodActive(pod) && matchesSelector(pod.metadata.labels, { matchLabels: selector }),
    );
  const labels = { ...service.metadata.labels, [MANAGED_LABEL]: MANAGER };
  const subsets = subsetsOf(service, pods);
  if (existing === undefined) {
    const metadata = { ...key, labels };
    await client.create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata,
      ...(subsets.length > 0 && { subsets }),
    });
    return undefined;
  }
  if (
    deepEqual(existing['subsets'] ?? [], subsets) &&
    deepEqual(existing.metadata.labels ?? {}, labels)
  ) {
    return undefined;
  }
  const { subsets: _old, ...rest } = existing;
  const next = { ...rest, metadata: { ...existing.metadata, labels } };
  await client.update({ ...next, ...(subsets.length > 0 && { subsets }) } as StoredApiObject);
  return undefined;
}

/** The addresses of these pods, grouped by the port numbers that they give the Service's ports: pure. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const groups = new Map<string, Required<EndpointSubset>>();
  const byName = [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const pod of byName) {
    const ip = pod.status?.podIP;
    if (ip === undefined) continue;
    const ports = (service.spec?.ports ?? []).flatMap((port) => resolvePort(port, pod));
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) continue;
    const id = JSON.stringify(ports);
    const group = groups.get(id) ?? { addresses: [], notReadyAddresses: [], ports };
    groups.set(id, group);
    const { namespace = '', name, uid } = pod.metadata;
    const address: EndpointAddress = {
      ip,
      ...(pod.spec?.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
      targetRef: { kind: 'Pod', namespace, name, uid },
    };
    const counts = isPodReady(pod) || service.spec?.publishNotReadyAddresses === true;
    (counts ? group.addresses : group.notReadyAddresses).push(address);
  }
  return [...groups.values()].map(({ addresses, notReadyAddresses, ports }) => ({
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  }));
}

function resolvePort(
  port: ServicePort,
  pod: Pod,
): { name?: string; port: number; protocol: string }[] {
  const { targetPort = port.port, protocol = 'TCP', name } = port;
  const number =
    typeof targetPort === 'number'
      ? targetPort
      : (pod.spec?.containers ?? [])
          .flatMap((container) => container.ports ?? [])
          .find((candidate) => candidate.name === targetPort)?.containerPort;
  return number === undefined
    ? []
    : [{ ...(name !== undefined && { name }), port: number, protocol }];
}
