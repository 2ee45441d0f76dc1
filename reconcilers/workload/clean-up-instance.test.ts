import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { InstanceBench } from '../../test/support/instance-bench.js';
import { putDefinition, putRuntime, webYaml } from '../../test/support/workload-fixtures.js';

describe('WorkloadInstance reconciler: the end', () => {
  let bench: InstanceBench;

  beforeEach(() => {
    bench = new InstanceBench();
  });

  describe('deletion', () => {
    it('removes what it made and only that, and waits until it is gone', async () => {
      bench.world.cluster.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'by-hand', namespace: 'default' },
      });
      await bench.settle();
      await bench.askDelete();
      expect((await bench.attempt())?.requeueAfterMs).to.be.greaterThan(0);
      expect(bench.condition('Reconciled')).to.equal(
        `False Deleting: waiting for 1 resource to be gone: Namespace ${bench.namespace}`,
      );
      expect(bench.stored?.metadata.finalizers).to.have.length(1);
      await bench.settle();
      expect(bench.stored).to.equal(undefined);
      expect(bench.world.cluster.names()).to.deep.equal(['ConfigMap default/by-hand']);
    });

    it('deletes in the reverse of the order of applying', async () => {
      await bench.settle();
      await bench.askDelete();
      const first = await bench.attempt();
      expect(first?.writes.map(({ target }) => target)).to.deep.equal([
        `apps/v1 Deployment ${bench.namespace}/web`,
        `v1 Service ${bench.namespace}/web`,
        `v1 ConfigMap ${bench.namespace}/settings`,
        `v1 Namespace ${bench.namespace}`,
      ]);
    });

    it('keeps the finalizer when the cluster refuses', async () => {
      await bench.settle();
      bench.world.cluster.refusals.set('Service web', new ApiError('Forbidden', 'may not delete'));
      await bench.askDelete();
      expect((await bench.attempt())?.failures).to.equal(1);
      expect(bench.condition('Reconciled')).to.equal(
        `False DeleteFailed: cannot delete Service ${bench.namespace}/web: may not delete`,
      );
      expect(bench.stored?.metadata.finalizers).to.have.length(1);
      bench.world.cluster.refusals.clear();
      await bench.settle();
      expect(bench.world.cluster.names()).to.deep.equal([]);
    });

    it('waits for a runtime that is away', async () => {
      await bench.settle();
      putRuntime(bench.world, { ready: false });
      await bench.askDelete();
      await bench.attempt();
      expect(bench.condition('Reconciled')).to.equal(
        'False RuntimeNotReady: cannot delete 4 resources from the cluster: ' +
          'KubernetesRuntimeInstance here is not ready: connection refused',
      );
      putRuntime(bench.world);
      await bench.settle();
      expect(bench.world.cluster.names()).to.deep.equal([]);
    });

    it('is over at once when nothing was ever applied', async () => {
      putRuntime(bench.world, { ready: false });
      await bench.settle();
      await bench.askDelete();
      await bench.attempt();
      expect(bench.stored).to.equal(undefined);
    });
  });

  describe('a crash after any write', () => {
    it('leads to the same cluster, with nothing doubled', async () => {
      for (let crashed = true, writes = 1; crashed; writes++) {
        bench = new InstanceBench();
        crashed = await bench.crashes(writes);
        await bench.settle();
        expect(bench.world.cluster.names(), `after write ${writes}`).to.have.members(bench.ours);
        await bench.askDelete();
        await bench.settle();
        expect(bench.world.cluster.names(), `after write ${writes}`).to.deep.equal([]);
      }
    });

    it('leaves nothing behind when the instance is deleted right after it', async () => {
      for (let crashed = true, writes = 1; crashed; writes++) {
        bench = new InstanceBench();
        crashed = await bench.crashes(writes);
        await bench.askDelete();
        await bench.settle();
        expect(bench.world.cluster.names(), `after write ${writes}`).to.deep.equal([]);
      }
    });

    it('while pruning or deleting ends the same', async () => {
      for (let crashed = true, writes = 1; crashed; writes++) {
        bench = new InstanceBench();
        await bench.settle();
        putDefinition(bench.world, webYaml.split('---')[1] ?? '');
        crashed = await bench.crashes(writes);
        await bench.settle();
        expect(bench.world.cluster.names()).to.have.members(bench.ours.slice(2));
        await bench.askDelete();
        await bench.crashes(writes);
        await bench.settle();
        expect(bench.world.cluster.names()).to.deep.equal([]);
      }
    });
  });
});
