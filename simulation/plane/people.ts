import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { isAlreadyExists, isApiError, isNotFound } from '../../sdk/api/errors.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { SeededRandom } from '../kernel/seeded-random.js';

/** What somebody wants of one workload; undefined: that it is not there. */
export interface Wish {
  readonly name: string;
  /** The value that its ConfigMaps are to have. */
  readonly value: string | undefined;
  /** How many ConfigMaps. */
  readonly parts: number;
}

const WORKLOADS = 'workloads.workload.threeport.io';
const RETRY_MS = 500;
const FIELD_MANAGER = 'people';

/** Somebody who changes one workload again and again, each time until the API has said yes. */
export class Person {
  readonly #client: Client;
  readonly #random: SeededRandom;
  readonly #name: string;
  #wish: Wish;
  #turn = 0;

  constructor(client: Client, random: SeededRandom, name: string) {
    this.#client = client;
    this.#random = random;
    this.#name = name;
    this.#wish = { name, value: undefined, parts: 0 };
  }

  /** What was wanted last, and is acknowledged. */
  get wish(): Wish {
    return this.#wish;
  }

  async act(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      await delay(this.#random.between(0, 8_000));
      await this.#change();
    }
  }

  async #change(): Promise<void> {
    const parts = 1 + this.#random.int(3);
    const isThere = this.#wish.value !== undefined;
    const value = isThere && this.#random.chance(0.3) ? undefined : `value-${this.#turn++}`;
    await untilDone(() => (value === undefined ? this.#remove() : this.#put(value, parts)));
    this.#wish = { name: this.#name, value, parts };
  }

  async #put(value: string, parts: number): Promise<void> {
    const manifests = Array.from({ length: parts }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `part-${index}` },
      data: { value },
    }));
    const metadata = { name: this.#name, namespace: 'default' };
    const object: ApiObject = {
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'Workload',
      metadata,
      spec: { manifests },
    };
    const present = await this.#client.find(WORKLOADS, metadata);
    // Nobody changes what is going; it is made anew once it is gone.
    if (present?.metadata.deletionTimestamp !== undefined) throw new NotYetError();
    await this.#client.apply(object, { fieldManager: FIELD_MANAGER, force: true });
  }

  async #remove(): Promise<void> {
    const key = { name: this.#name, namespace: 'default' };
    try {
      await this.#client.delete(WORKLOADS, key, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

class NotYetError extends Error {
  override readonly name = 'NotYetError';
}

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

/** Again and again: whatever it does must do no harm when done twice. */
async function untilDone(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (isApiError(error, 'Invalid') || isApiError(error, 'Forbidden')) throw error;
      await delay(RETRY_MS);
    }
  }
}
