import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InstanceBench } from '../../test/support/instance-bench.js';
import { putDefinition, putReport, webYaml } from '../../test/support/workload-fixtures.js';

describe('WorkloadInstance reconciler', () => {
  let bench: InstanceBench;

  beforeEach(() => {
    bench = new InstanceBench();
  });

  describe('first time', () => {
    it('applies everything into a namespace of its own, in order', async () => {
      const first = await bench.attempt();
      expect(first?.writes.map(({ target }) => target)).to.deep.equal([
        `v1 Namespace ${bench.namespace}`,
        `v1 Service ${bench.namespace}/web`,
        `v1 ConfigMap ${bench.namespace}/settings`,
        `apps/v1 Deployment ${bench.namespace}/web`,
      ]);
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
      expect(bench.condition('Reconciled')).to.equal('True Reconciled: ');
      expect(bench.status).to.include({
        namespace: bench.namespace,
        runtime: 'here',
        definitionGeneration: 1,
      });
      expect(bench.world.kubeconfigs).to.deep.equal(['the kubeconfig']);
    });

    it('labels what it applies, and the pods that come of it', async () => {
      await bench.attempt();
      const deployment = bench.world.cluster.get('Deployment', 'web') as StoredApiObject;
      const { template } = deployment.spec as { template: StoredApiObject };
      for (const { metadata } of [deployment, template]) {
        expect(metadata.labels).to.include({
          'app.kubernetes.io/managed-by': 'threeport',
          'app.kubernetes.io/name': 'web',
          'app.kubernetes.io/instance': 'web',
          'control-plane.threeport.io/workload-instance': bench.instance.metadata.uid,
        });
      }
    });

    it('is not Ready before the agent reports, and is when it reports so', async () => {
      await bench.settle();
      expect(bench.condition('Ready')).to.equal(
        'Unknown NoReport: waiting for the first report of the agent on runtime here',
      );
      expect(bench.status.phase).to.equal('Deploying');
      putReport(bench.world, bench.instance);
      await bench.settle();
      expect(bench.condition('Ready')).to.equal('True Healthy: ');
      expect(bench.status.phase).to.equal('Healthy');
      expect(bench.status.resources?.map(({ kind, health }) => `${kind} ${health}`)).to.deep.equal([
        'Namespace Healthy',
        'Deployment Healthy',
        'Service Healthy',
        'ConfigMap Healthy',
      ]);
    });
  });

  it('writes nothing when all is as wanted', async () => {
    await bench.settle();
    putReport(bench.world, bench.instance);
    await bench.settle();
    const again = await bench.attempt();
    expect(again).to.include({ statusWritten: false, requeueAfterMs: undefined });
    expect(again?.writes).to.deep.equal([]);
  });

  it('takes values that the cluster writes in another way for unchanged', async () => {
    await bench.settle();
    const live = bench.world.cluster.get('Deployment', 'web') as StoredApiObject;
    const spec = live.spec as { template: { spec: { containers: object[] } } };
    // A default inside a list: the manifest is no subset, but an apply would change nothing.
    spec.template.spec.containers[0] = { ...spec.template.spec.containers[0], extra: 'default' };
    expect((await bench.attempt())?.writes).to.deep.equal([]);
  });

  describe('drift', () => {
    beforeEach(() => bench.settle());

    it('is repaired when an object was deleted', async () => {
      bench.world.cluster.remove('Deployment', 'web');
      await bench.settle();
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });

    it('is repaired when a field was changed', async () => {
      const live = bench.world.cluster.get('Deployment', 'web') as StoredApiObject;
      bench.world.cluster.put({ ...live, spec: { ...(live.spec as object), replicas: 7 } });
      await bench.settle();
      expect(bench.world.cluster.get('Deployment', 'web')?.spec).to.include({ replicas: 2 });
    });

    it('does not show an old green for what it just changed', async () => {
      putReport(bench.world, bench.instance);
      await bench.settle();
      putDefinition(bench.world, webYaml.replace('replicas: 2', 'replicas: 3'));
      await bench.settle();
      expect(bench.condition('Ready')).to.match(
        /^False Progressing: Deployment .*\/web: applied; /,
      );
      putReport(bench.world, bench.instance);
      await bench.settle();
      expect(bench.condition('Ready')).to.equal('True Healthy: ');
    });
  });

  describe('an edit of the definition', () => {
    beforeEach(() => bench.settle());

    it('prunes what left it', async () => {
      putDefinition(bench.world, webYaml.split('---').slice(0, 2).join('---'));
      await bench.settle();
      expect(bench.world.cluster.names()).to.have.members(bench.ours.slice(1));
      expect(bench.status.inventory).to.have.length(3);
      expect(bench.status.definitionGeneration).to.equal(2);
    });

    it('waits until what it prunes is gone', async () => {
      const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: bare }\n---\n';
      putDefinition(bench.world, pod + webYaml);
      await bench.settle();
      putDefinition(bench.world, webYaml);
      expect((await bench.attempt())?.requeueAfterMs).to.equal(500);
      expect(bench.condition('Reconciled')).to.equal(
        `False Pruning: waiting for 1 resource to be gone: Pod ${bench.namespace}/bare`,
      );
      await bench.settle();
      expect(bench.condition('Reconciled')).to.equal('True Reconciled: ');
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });

    it('prunes nothing while something fails', async () => {
      bench.world.cluster.refusals.set('Deployment web', new ApiError('Invalid', 'no'));
      putDefinition(
        bench.world,
        (webYaml.split('---')[0] ?? '').replace('replicas: 2', 'replicas: 3'),
      );
      await bench.attempt();
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
      bench.world.cluster.refusals.clear();
      await bench.settle();
      expect(bench.world.cluster.names()).to.have.members(bench.ours.slice(1, 3));
    });

    it('does not prune what belongs to others by now', async () => {
      bench.world.cluster.remove('ConfigMap', 'settings');
      const theirs = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: bench.namespace },
      };
      bench.world.cluster.put(theirs);
      putDefinition(bench.world, webYaml.split('---').slice(0, 2).join('---'));
      await bench.settle();
      expect(bench.world.cluster.get('ConfigMap', 'settings')).to.not.equal(undefined);
    });
  });

  it('applies custom resources whose definition comes with them', async () => {
    putDefinition(
      bench.world,
      `apiVersion: x.io/v1
kind: Odd
metadata: { name: o }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: odds.x.io }
spec: { group: x.io, scope: Namespaced, names: { kind: Odd, plural: odds }, versions: [{ name: v1 }] }
`,
    );
    expect((await bench.attempt())?.requeueAfterMs).to.equal(500);
    expect(bench.condition('Reconciled')).to.match(
      /^False ClusterNotReadyForIt: Odd .*no matches for kind/,
    );
    await bench.settle();
    expect(bench.world.cluster.names()).to.have.members([
      'CustomResourceDefinition /odds.x.io',
      `Namespace /${bench.namespace}`,
      `Odd ${bench.namespace}/o`,
    ]);
  });

  it('uses the first Namespace among the manifests, and keeps namespaces that are given', async () => {
    const one = (kind: string, name: string, more = ''): string =>
      `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}${more} }\n`;
    putDefinition(
      bench.world,
      [
        one('ConfigMap', 'a'),
        one('Namespace', 'mine'),
        one('Namespace', 'other'),
        one('ConfigMap', 'b', ', namespace: other'),
        one('ConfigMap', 'c', ', namespace: default'),
      ].join('---\n'),
    );
    await bench.settle();
    expect(bench.world.cluster.names()).to.have.members([
      'ConfigMap mine/a',
      'ConfigMap other/b',
      'ConfigMap default/c',
      'Namespace /mine',
      'Namespace /other',
    ]);
  });
});
