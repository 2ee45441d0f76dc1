import { isAlreadyExists } from '../sdk/api/errors.js';
import { objectKeyOf } from '../sdk/api/object.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import type { Clock } from './clock.js';
import { formatTime } from './clock.js';
import type { ClusterCache } from './cluster-cache.js';
import type { ClusterClient } from './cluster-client.js';
import { NODE_IP, NODE_NAME } from './controllers/pod-status.js';

/** The version of Kubernetes that the sandbox stands for. */
export const KUBERNETES_VERSION = 'v1.32.0';

/**
 * What a cluster has before anybody used it: its node, a default storage class, an ingress class.
 * Idempotent: what is there is left alone.
 */
export async function createBootstrapObjects(
  cache: ClusterCache,
  client: ClusterClient,
  clock: Clock,
): Promise<void> {
  await ensure('storageclasses.storage.k8s.io', storageClass(), cache, client);
  await ensure('ingressclasses.networking.k8s.io', ingressClass(), cache, client);
  const node = await ensure('nodes', nodeObject(), cache, client);
  if (node !== undefined && node.status === undefined) {
    await client.updateStatus(node, nodeStatus(formatTime(clock.nowMs())));
  }
}

async function ensure(
  resource: string,
  object: ApiObject,
  cache: ClusterCache,
  client: ClusterClient,
): Promise<StoredApiObject | undefined> {
  const { namespace, name } = objectKeyOf(object);
  const existing = cache.get(resource, namespace, name);
  if (existing !== undefined) return existing;
  try {
    return await client.create(object);
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

function storageClass(): ApiObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'standard',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'sandbox.threeport.io/volumes',
  };
}

function ingressClass(): ApiObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: {
      name: 'sandbox',
      annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
    },
    spec: { controller: 'sandbox.threeport.io/ingress' },
  };
}

function nodeObject(): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: NODE_NAME,
      labels: {
        'kubernetes.io/hostname': NODE_NAME,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node-role.kubernetes.io/control-plane': '',
      },
    },
    spec: {},
  };
}

function nodeStatus(now: string): object {
  const capacity = { cpu: '16', memory: '64Gi', pods: '1000', 'ephemeral-storage': '100Gi' };
  const condition = (type: string, status: string, reason: string, message: string): object => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: NODE_IP },
      { type: 'Hostname', address: NODE_NAME },
    ],
    conditions: [
      condition(
        'MemoryPressure',
        'False',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      condition(
        'DiskPressure',
        'False',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
      ),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: 'sandbox',
      containerRuntimeVersion: 'sandbox://1.0.0',
      kernelVersion: 'simulated',
      kubeProxyVersion: KUBERNETES_VERSION,
      kubeletVersion: KUBERNETES_VERSION,
      machineID: 'sandbox',
      operatingSystem: 'linux',
      osImage: 'Threeport sandbox',
      systemUUID: 'sandbox',
    },
  };
}
