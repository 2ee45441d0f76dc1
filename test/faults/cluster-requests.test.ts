import { expect } from 'chai';
import { findCondition, type Condition } from '../../sdk/api/condition.js';
import { createDiscovery } from '../../sdk/kube/discovery.js';
import { createKubeListWatch } from '../../sdk/kube/kube-list-watch.js';
import { createKubeTransport } from '../../sdk/kube/kube-transport.js';
import { Reflector } from '../../sdk/kube/reflector.js';
import type { RequestFault } from '../../sandbox/request-faults.js';
import { eventually } from '../support/eventually.js';
import type { LocalPlane } from '../support/local-plane.js';
import { startLocalPlane } from '../support/local-plane.js';
import { MainJob, WORKLOADS } from '../support/main-job.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';
import type { TestCluster } from '../support/test-cluster.js';
import { startTestCluster } from '../support/test-cluster.js';
import { workload } from '../support/workloads.js';

const INSTANCES = 'workloadinstances.workload.threeport.io';

interface Case {
  readonly name: string;
  readonly fault: RequestFault;
  /** What the instance says of it, in the cluster's own words. Absent: it is made good unseen. */
  readonly says?: RegExp;
  /** The next look comes no earlier than this after the refusal. */
  readonly notBeforeMs?: number;
}

/** Each is true of the requests that apply, for a while. */
const cases: readonly Case[] = [
  {
    name: '429 with Retry-After',
    fault: { action: 'refuse', reason: 'TooManyRequests', retryAfterSeconds: 3, times: 1 },
    says: /^TooManyRequests: runtime c0: the server has received too many requests/,
    notBeforeMs: 3_000,
  },
  {
    name: '500',
    fault: { action: 'refuse', reason: 'InternalError', times: 2 },
    says: /^ResourcesFailed: .*Internal error occurred: etcdserver: request timed out/,
  },
  {
    name: 'an expired token',
    fault: { action: 'refuse', reason: 'Unauthorized', times: 6 },
    says: /^Unauthorized: runtime c0: Unauthorized/,
  },
  {
    name: 'a connection cut before the effect',
    fault: { action: 'reset', times: 2 },
    says: /^ClusterUnreachable: runtime c0: cannot reach/,
  },
  {
    name: 'a connection cut after the effect',
    fault: { action: 'reset-after', times: 2 },
    says: /^ClusterUnreachable: runtime c0: cannot reach/,
  },
  {
    name: 'an answer that is half of its JSON',
    fault: { action: 'truncate', times: 2 },
    says: /^ClusterUnreachable: runtime c0: .* sent JSON that does not parse/,
  },
  { name: 'a slow answer', fault: { action: 'slow', delayMs: 700, times: 4 } },
];

describe('requests to a cluster that fail', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let cluster: TestCluster;
  let other: TestCluster;
  let plane: LocalPlane;
  let job: MainJob;

  before(async () => {
    database = await testDatabase();
    cluster = await startTestCluster('c0');
    plane = await startLocalPlane({
      databaseUrl: database.url,
      worker: { leaseMs: 3_000, sweepMs: 500 },
    });
    other = await startTestCluster('c1');
    for (const each of [cluster, other]) await each.register(plane.client);
    job = new MainJob(plane.client, [cluster]);
    await job.once('first');
  });
  afterEach(() => cluster.faults.set([]));
  after(async () => {
    await plane?.stop();
    await cluster?.stop();
    await other?.stop();
    await database?.drop();
  });

  const reconciled = async (name: string): Promise<Condition | undefined> => {
    const found = await plane.client.find(INSTANCES, { namespace: 'default', name });
    const { conditions } = (found?.status ?? {}) as { conditions?: Condition[] };
    return findCondition(conditions, 'Reconciled');
  };
  const saysSo = (name: string, words: RegExp, timeoutMs?: number): Promise<unknown> => {
    let last: Condition | undefined;
    return eventually(
      `it says ${words}`,
      async () => {
        last = await reconciled(name);
        return last?.status === 'False' && words.test(`${last.reason}: ${last.message}`);
      },
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it says ${JSON.stringify(last)}`);
    });
  };

  for (const [i, { name, fault, says, notBeforeMs = 0 }] of cases.entries()) {
    it(`${name}: told as it is, made good once, nothing done twice`, async () => {
      cluster.faults.set([{ ...fault, methods: ['PATCH'], path: '/configmaps/' }]);
      const title = `r${i}`;
      const running = job.once(title);
      if (says !== undefined) {
        await saysSo(title, says);
        const toldAt = performance.now();
        await eventually(
          'it is made good',
          async () => (await reconciled(title))?.status === 'True',
        );
        expect(performance.now() - toldAt, 'ms').to.be.at.least(notBeforeMs - 200);
      }
      await running;
      await job.verify();
    });
  }

  it('a cluster that hangs costs its own workloads time, and those of another nothing', async () => {
    const onOther = new MainJob(plane.client, [other]);
    cluster.faults.set([{ action: 'hang' }]);
    const hung = job.once('hung');
    await onOther.once('free');
    await saysSo(
      'hung',
      /runtime c0: .*did not answer .* within|KubernetesRuntimeInstance c0/,
      20_000,
    );
    cluster.faults.set([]);
    await hung;
    await onOther.endAll();
    await job.verify();
  });

  it('a namespace that is being deleted is waited for, and made again', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kept', namespace: 'shared' },
      data: { v: '1' },
    };
    const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shared' } };
    await plane.client.create(workload('spaced', [space, manifest], 'c0'));
    await job.reconciled('spaced');
    const stuck = await hold(cluster, 'shared');
    await plane.client.patch(
      WORKLOADS,
      { namespace: 'default', name: 'spaced' },
      { type: 'merge', body: { spec: { manifests: [space, { ...manifest, data: { v: '2' } }] } } },
    );
    await saysSo(
      'spaced',
      /unable to create new content in namespace shared because it is being terminated/,
    );
    await stuck.release();
    await job.reconciled('spaced');
    const [live] = (await cluster.managed('configmaps')).filter(
      ({ metadata }) => metadata.namespace === 'shared',
    );
    expect((live as { data?: unknown }).data).to.deep.equal({ v: '2' });
    await plane.client.delete(WORKLOADS, { namespace: 'default', name: 'spaced' });
  });

  it('a watch that falls silent, or is too old, is begun anew and misses nothing', async () => {
    const transport = createKubeTransport(cluster.kubeconfig);
    const resource = await createDiscovery(transport).resource('v1', 'ConfigMap');
    if (resource === undefined) throw new Error('no ConfigMap');
    const seen = new Set<string>();
    const reflector = new Reflector({
      source: createKubeListWatch(transport, resource, { labelSelector: 'watched=yes' }),
      keep: (object) => object.metadata.name,
      onChange: (changes) => {
        for (const { after } of changes) if (after !== undefined) seen.add(after);
      },
      idleTimeoutMs: 700,
      minBackoffMs: 50,
    });
    const abort = new AbortController();
    const running = reflector.run(abort.signal);
    try {
      const write = async (name: string): Promise<void> => {
        const metadata = { name, namespace: 'default', labels: { watched: 'yes' } };
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
        const path = `/api/v1/namespaces/default/configmaps`;
        const { statusCode } = await transport.request({ method: 'POST', path, body });
        expect(statusCode).to.equal(201);
      };
      const isSeen = (name: string): Promise<unknown> =>
        eventually(`${name} is seen`, () => seen.has(name));
      await write('one');
      await isSeen('one');
      cluster.faults.set([{ action: 'silence' }]);
      await write('two');
      await isSeen('two');
      const isExpired = {
        action: 'refuse',
        reason: 'Expired',
        path: 'watch=true',
        times: 1,
      } as const;
      cluster.faults.set([isExpired]);
      await write('three');
      await isSeen('three');
    } finally {
      abort.abort();
      await running;
      transport.close();
    }
  });
});

/** Deletes a namespace that a finalizer holds until `release`. */
async function hold(cluster: TestCluster, name: string): Promise<{ release(): Promise<void> }> {
  const transport = createKubeTransport(cluster.kubeconfig);
  const path = `/api/v1/namespaces/${name}`;
  const finalizers = async (value: string[] | null): Promise<void> => {
    const contentType = 'application/merge-patch+json';
    const body = { metadata: { finalizers: value } };
    await transport.request({ method: 'PATCH', path, body, contentType });
  };
  await finalizers(['test.example.com/hold']);
  await transport.request({ method: 'DELETE', path });
  return {
    async release() {
      await finalizers(null);
      transport.close();
    },
  };
}
