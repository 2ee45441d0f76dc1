import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { WorkloadInstanceStatus } from '../../sdk/api/zz_generated.types.js';
import { createKubePort } from '../../sdk/kube/kube-port.js';
import { createKubeTransport, type KubeTransport } from '../../sdk/kube/kube-transport.js';
import { readHalves } from '../../sdk/ports/dry-ports.js';
import type { Effect } from '../../sdk/ports/ports.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { runDry, type DryRun } from '../../sdk/runtime/run-dry.js';
import { workloadInstanceReconciler } from '../../reconcilers/workload/workload-instance-reconciler.js';
import { runSeed } from '../../simulation/run-seed.js';
import { InstanceBench } from '../support/instance-bench.js';
import { putDefinition, webYaml } from '../support/workload-fixtures.js';
import { startSandbox, type SandboxFixture } from '../support/sandbox-fixture.js';

/** The one that is shipped: what follows runs it live, dry and simulated as it is. */
const reconciler = workloadInstanceReconciler as Reconciler;

/** With all that a real cluster asks of a Deployment. */
const completeYaml = webYaml.replace(
  '  template:\n',
  '  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n',
);

describe('one reconciler in three modes', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;
  let transport: KubeTransport;
  let bench: InstanceBench;
  /** What went over the wire to the cluster. */
  let sent: string[];

  beforeEach(async () => {
    sandbox = await startSandbox();
    transport = createKubeTransport(await readFile(sandbox.kubeconfig, 'utf8'));
    sent = [];
    bench = new InstanceBench();
    putDefinition(bench.world, completeYaml);
    bench.world.kube = createKubePort({
      ...transport,
      request(request) {
        sent.push(`${request.method} ${request.path}`);
        return transport.request(request);
      },
    });
  });
  afterEach(async () => {
    transport.close();
    await sandbox.stop();
  });

  const dryRun = (): Promise<DryRun> => {
    const { stored, world } = bench;
    if (stored === undefined) throw new Error('the instance is gone');
    const kind = world.api.registry.resource(reconciler.resource);
    return runDry(reconciler, stored, readHalves(world.ports()), { kind });
  };
  const mutating = (): string[] =>
    sent.filter((line) => !line.startsWith('GET ') && !line.includes('dryRun=All'));
  const targets = (effects: readonly Effect[]): string[] =>
    effects.map(({ operation, place, target }) => `${operation} ${target} in ${place}`).sort();

  it('tells dry what it does live, and sends nothing that changes anything', async () => {
    const objects = JSON.stringify(bench.world.api.objects());
    const planned = await dryRun();
    expect(
      sent.some((line) => line.startsWith('PATCH ')),
      'the cluster is asked',
    ).to.equal(true);
    expect(mutating()).to.deep.equal([]);
    expect(await sandbox.find(`/api/v1/namespaces/${bench.namespace}`)).to.equal(undefined);
    expect(JSON.stringify(bench.world.api.objects())).to.equal(objects);
    expect(planned.outcome?.outcome).to.equal('done');
    const status = planned.status as WorkloadInstanceStatus;
    expect(status.inventory).to.have.length(4);

    const live = await bench.attempt();
    expect(targets(planned.effects)).to.deep.equal(targets(live?.writes ?? []));
    expect(targets(planned.effects)).to.include(`apply v1 Namespace ${bench.namespace} in here`);
    expect(bench.status.inventory).to.deep.equal(status.inventory);
    expect((await sandbox.run(['get', 'configmap', '-n', bench.namespace])).trim()).to.contain(
      'settings',
    );
  });

  it('plans nothing where nothing differs, and what somebody changed', async () => {
    await bench.attempt();
    sent.length = 0;
    expect((await dryRun()).effects).to.deep.equal([]);
    const patch = '{"data":{"mode":"slow"}}';
    await sandbox.run(['patch', 'configmap', 'settings', '-n', bench.namespace, '-p', patch]);
    expect(targets((await dryRun()).effects)).to.deep.equal([
      `apply v1 ConfigMap ${bench.namespace}/settings in here`,
    ]);
    expect(mutating()).to.deep.equal([]);
  });

  it('plans the deletions of a clean-up', async () => {
    await bench.attempt();
    await bench.askDelete();
    sent.length = 0;
    const { effects, outcome } = await dryRun();
    expect(effects.map(({ nature }) => nature)).to.deep.equal(effects.map(() => 'delete'));
    expect(effects.length).to.be.greaterThan(0);
    expect(outcome?.outcome, 'what was not deleted is still there').to.equal('waiting');
    expect(mutating()).to.deep.equal([]);
  });

  it('is given nothing that could write', async () => {
    const reads = readHalves(bench.world.ports());
    const kube = reads.kube({ runtime: 'here', kubeconfig: 'the kubeconfig' });
    for (const [port, writes] of [
      [reads.api, ['apply', 'delete']],
      [kube, ['apply', 'delete']],
    ] as const) {
      for (const name of writes) {
        expect((port as unknown as Record<string, unknown>)[name], name).to.equal(undefined);
      }
    }
    expect(kube.endpoint).to.equal(sandbox.address);
  });

  it('runs in the simulated plane', async () => {
    const { violations, trace } = await runSeed(3, { keepsTrace: true });
    expect(violations).to.deep.equal([]);
    expect(trace.some((line) => line.includes('kube.apply'))).to.equal(true);
  });
});
