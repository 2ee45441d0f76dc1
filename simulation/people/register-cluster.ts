import type { Client } from '../../client/index.js';
import { isAlreadyExists } from '../../sdk/api/errors.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { FIELD_MANAGER, untilDone } from './until-done.js';

/** Registers a cluster; it is the default one. */
export async function registerCluster(client: Client, cluster: string): Promise<void> {
  const kubeconfig = `name: ${cluster}`;
  const objects: readonly ApiObject[] = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: cluster, namespace: 'default' },
      stringData: { kubeconfig },
    },
    {
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeDefinition',
      metadata: { name: cluster },
      spec: { provider: 'existing' },
    },
    {
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeInstance',
      metadata: { name: cluster },
      spec: { definition: cluster, default: true, kubeconfigSecret: { name: cluster } },
    },
  ];
  for (const object of objects) {
    await untilDone(async () => {
      try {
        await client.create(object, { fieldManager: FIELD_MANAGER });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    });
  }
}
