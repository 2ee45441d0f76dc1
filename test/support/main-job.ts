import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client } from '../../client/index.js';
import { findCondition, type Condition } from '../../sdk/api/condition.js';
import { isAlreadyExists, isApiError, isNotFound } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Workload } from '../../sdk/api/zz_generated.types.js';
import type { TestCluster } from './test-cluster.js';
import { configMap, workload } from './workloads.js';

export const WORKLOADS = 'workloads.workload.threeport.io';
const NAMESPACE = 'default';
const PATIENCE_MS = 40_000;
const TRANSIENT = new Set(['ServiceUnavailable', 'Timeout', 'InternalError', 'TooManyRequests']);

/** What one workload of a job has in its cluster at the end: names of ConfigMaps and their value. */
const EDITED = { a: '2', c: '2' };

/**
 * What people do all day, over and over: a workload is created, edited (a resource changes, one comes,
 * one goes), and two of three are deleted. Whoever runs it makes parts of the plane fail meanwhile; a
 * call that fails for that is made again, as a person would. `verify` then holds the world against it.
 */
export class MainJob {
  readonly #client: Client;
  readonly #clusters: readonly TestCluster[];
  readonly #living = new Map<string, TestCluster>();
  readonly #gone = new Map<string, TestCluster>();
  /** Made since the last `verify`. */
  #made = 0;

  constructor(client: Client, clusters: readonly TestCluster[]) {
    this.#client = client;
    this.#clusters = clusters;
  }

  /** Runs jobs, `atOnce` side by side, until `signal` aborts; those begun are ended. */
  async run(prefix: string, signal: AbortSignal, atOnce = 3): Promise<void> {
    const lane = async (): Promise<void> => {
      while (!signal.aborted) await this.once(`${prefix}-${this.#made}`);
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }

  /** One workload from create to edit, every two of three on to its end. */
  async once(name: string): Promise<void> {
    const number = this.#made++;
    const cluster = this.#clusters[number % this.#clusters.length];
    if (cluster === undefined) throw new Error('no cluster');
    await this.create(name, cluster);
    await this.reconciled(name);
    await this.edit(name);
    await this.reconciled(name);
    if (number % 3 !== 0) await this.end(name);
  }

  async create(name: string, cluster: TestCluster): Promise<void> {
    this.#living.set(name, cluster);
    const manifests = [configMap('a', { v: '1' }), configMap('b', { v: '1' })];
    await this.#untilTaken(
      () => this.#client.create(workload(name, manifests, cluster.name)),
      isAlreadyExists,
    );
  }

  async edit(name: string): Promise<void> {
    const manifests = Object.entries(EDITED).map(([key, v]) => configMap(key, { v }));
    const patch = { type: 'merge', body: { spec: { manifests } } } as const;
    await this.#untilTaken(() =>
      this.#client.patch(WORKLOADS, { namespace: NAMESPACE, name }, patch),
    );
  }

  /** Deletes it and waits until it is gone. */
  async end(name: string): Promise<void> {
    const key = { namespace: NAMESPACE, name };
    await this.#untilTaken(() => this.#client.delete(WORKLOADS, key), isNotFound);
    await this.#until(`${name} is gone`, async () => {
      return (await this.#client.find(WORKLOADS, key)) === undefined;
    });
    const cluster = this.#living.get(name);
    if (cluster !== undefined) this.#gone.set(name, cluster);
    this.#living.delete(name);
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#living.keys()].map((name) => this.end(name)));
  }

  reconciled(name: string): Promise<void> {
    return this.#conditionTrue(name, 'Reconciled');
  }

  ready(name: string): Promise<void> {
    return this.#conditionTrue(name, 'Ready');
  }

  /** Every workload that was left is Ready, by its own generation. */
  async allReady(): Promise<void> {
    await Promise.all([...this.#living.keys()].map((name) => this.ready(name)));
  }

  /**
   * Every acknowledged write is there, and the clusters hold exactly what it asks for. Whatever was
   * made in them was made once, changed once where it was edited, and deleted once.
   */
  async verify(): Promise<void> {
    const { items } = await this.#client.list<Workload>(WORKLOADS);
    expect(items.map(({ metadata }) => metadata.name)).to.have.members([...this.#living.keys()]);
    for (const cluster of this.#clusters) {
      const living = namesOn(this.#living, cluster);
      const all = [...living, ...namesOn(this.#gone, cluster)];
      expect(await valuesIn(cluster), `what ${cluster.name} holds`).to.have.members(
        living.flatMap((name) => Object.entries(EDITED).map(([key, v]) => `${name}/${key}=${v}`)),
      );
      expect(counted(await cluster.history()), `what was done to ${cluster.name}`).to.deep.equal(
        counted(all.flatMap((name) => historyOf(name, living.includes(name)))),
      );
    }
  }

  async #conditionTrue(name: string, type: string): Promise<void> {
    let last: Condition | undefined;
    await this.#until(`${name} is ${type}`, async () => {
      const object = await this.#client.get<StoredApiObject>(WORKLOADS, {
        namespace: NAMESPACE,
        name,
      });
      const { conditions } = (object.status ?? {}) as { conditions?: Condition[] };
      last = findCondition(conditions, type);
      return last?.status === 'True' && last.observedGeneration === object.metadata.generation;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it says ${JSON.stringify(last)}`);
    });
  }

  /** Makes the call until it is acknowledged; after a failure `isDone` says that it was before. */
  async #untilTaken(
    call: () => Promise<unknown>,
    isDone: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    let isRepeated = false;
    await this.#until('a write is acknowledged', async () => {
      try {
        await call();
        return true;
      } catch (error) {
        if (isRepeated && isDone(error)) return true;
        isRepeated = true;
        throw error;
      }
    });
  }

  async #until(what: string, look: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let failure: unknown;
    for (;;) {
      try {
        if (await look()) return;
      } catch (error) {
        if (!isApiError(error) || !TRANSIENT.has(error.reason)) throw error;
        failure = error;
      }
      if (Date.now() > deadline) {
        throw new Error(`not within ${PATIENCE_MS} ms: ${what}`, { cause: failure });
      }
      await delay(25);
    }
  }
}

function namesOn(names: ReadonlyMap<string, TestCluster>, cluster: TestCluster): string[] {
  return [...names].flatMap(([name, on]) => (on === cluster ? [name] : []));
}

/** `name/key=value` of every ConfigMap that is ours. */
async function valuesIn(cluster: TestCluster): Promise<string[]> {
  const all = await cluster.managed('configmaps');
  return all.map(({ metadata, ...object }) => {
    const { v } = (object as { data?: { v?: string } }).data ?? {};
    return `${workloadOf(metadata.namespace ?? '')}/${metadata.name}=${v}`;
  });
}

function historyOf(name: string, isLiving: boolean): string[] {
  const of = (type: string, ...keys: string[]): string[] =>
    keys.map((key) => `${type} configmaps ${name}/${key}`);
  const ended = isLiving ? [] : [...of('DELETED', 'a', 'c'), `DELETED namespaces ${name}`];
  return [
    `ADDED namespaces ${name}`,
    ...of('ADDED', 'a', 'b', 'c'),
    ...of('MODIFIED', 'a'),
    ...of('DELETED', 'b'),
    ...ended,
  ];
}

/** How often each thing was done. Of a namespace the cluster itself changes the status. */
function counted(history: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of history) {
    if (line.startsWith('MODIFIED namespaces')) continue;
    const [type = '', resource = '', place = ''] = line.split(' ');
    const [first = '', ...rest] = place.split('/');
    const what = [type, resource, [workloadOf(first), ...rest].join('/')].join(' ');
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

/** The workload whose namespace in the cluster this is: its name and a hash. */
function workloadOf(namespace: string): string {
  return namespace.replace(/-[a-z2-7]{10}$/, '');
}
