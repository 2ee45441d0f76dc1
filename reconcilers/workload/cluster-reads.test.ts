import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { InstanceBench } from '../../test/support/instance-bench.js';
import {
  putDefinition,
  putReport,
  putRuntime,
  webYaml,
} from '../../test/support/workload-fixtures.js';

type Edit = (live: StoredApiObject) => ApiObject;

const withSpec =
  (spec: object): Edit =>
  (live) => ({ ...live, spec: { ...(live.spec as object), ...spec } });
const withLabels =
  (labels: Record<string, string>): Edit =>
  (live) => ({
    ...live,
    metadata: { ...live.metadata, labels: { ...live.metadata.labels, ...labels } },
  });

describe('WorkloadInstance reconciler, reading a cluster', () => {
  let bench: InstanceBench;
  let all: readonly string[];

  /** The targets that one attempt reads and writes. */
  async function attempt(): Promise<{ reads: string[]; writes: string[]; status: boolean }> {
    const done = await bench.attempt();
    const targets = (effects: readonly { target: string }[] = []): string[] =>
      effects.map(({ target }) => target);
    return {
      reads: targets(done?.clusterReads),
      writes: targets(done?.writes),
      status: done?.statusWritten ?? false,
    };
  }

  function edit(kind: string, name: string, change: Edit): void {
    bench.world.cluster.put(change(bench.world.cluster.get(kind, name) as StoredApiObject));
  }

  const report = (): void => putReport(bench.world, bench.instance);
  const live = (kind: string, name: string): StoredApiObject | undefined =>
    bench.world.cluster.get(kind, name);

  beforeEach(() => {
    bench = new InstanceBench();
    all = [
      `v1 Namespace ${bench.namespace}`,
      `apps/v1 Deployment ${bench.namespace}/web`,
      `v1 Service ${bench.namespace}/web`,
      `v1 ConfigMap ${bench.namespace}/settings`,
    ];
  });

  it('needs no look at what it has just applied, once the agent has seen exactly that', async () => {
    await bench.attempt();
    report();
    expect(await attempt()).to.deep.equal({ reads: [], writes: [], status: true });
    expect(bench.condition('Ready')).to.equal('True Healthy: ');
  });

  it('looks at what somebody edited between its apply and the first report, and repairs it', async () => {
    await bench.attempt();
    edit('Deployment', 'web', withSpec({ replicas: 7 }));
    report();
    const web = [`apps/v1 Deployment ${bench.namespace}/web`];
    expect(await attempt()).to.deep.include({ reads: [...web, ...web], writes: web });
    expect(live('Deployment', 'web')?.spec).to.include({ replicas: 2 });
  });

  describe('when all is verified and reported', () => {
    beforeEach(async () => {
      await bench.settle();
      report();
      await bench.settle();
    });

    it('reads and writes nothing when nothing has changed', async () => {
      expect(await attempt()).to.deep.equal({ reads: [], writes: [], status: false });
    });

    it('reads nothing when only the health has changed', async () => {
      putReport(bench.world, bench.instance, () => ({ health: 'Degraded', message: 'crashes' }));
      expect(await attempt()).to.deep.equal({ reads: [], writes: [], status: true });
      expect(bench.condition('Ready')).to.match(/^False Degraded: .*crashes/);
    });

    const edits: readonly {
      name: string;
      target: () => string;
      change: () => void;
      repaired: () => void;
    }[] = [
      {
        name: 'a spec',
        target: () => `apps/v1 Deployment ${bench.namespace}/web`,
        change: () => edit('Deployment', 'web', withSpec({ replicas: 7 })),
        repaired: () => expect(live('Deployment', 'web')?.spec).to.include({ replicas: 2 }),
      },
      {
        name: 'a label, which moves no generation',
        target: () => `apps/v1 Deployment ${bench.namespace}/web`,
        change: () => edit('Deployment', 'web', withLabels({ 'app.kubernetes.io/name': 'other' })),
        repaired: () =>
          expect(live('Deployment', 'web')?.metadata.labels).to.include({
            'app.kubernetes.io/name': 'web',
          }),
      },
      {
        name: 'data of a kind without spec',
        target: () => `v1 ConfigMap ${bench.namespace}/settings`,
        change: () =>
          edit('ConfigMap', 'settings', (map) => ({ ...map, data: { mode: 'changed by hand' } })),
        repaired: () =>
          expect(live('ConfigMap', 'settings')?.['data']).to.deep.equal({ mode: 'fast' }),
      },
      {
        name: 'an object that was deleted',
        target: () => `apps/v1 Deployment ${bench.namespace}/web`,
        change: () => bench.world.cluster.remove('Deployment', 'web'),
        repaired: () => expect(live('Deployment', 'web')?.spec).to.include({ replicas: 2 }),
      },
      {
        name: 'an object that somebody replaced',
        target: () => `apps/v1 Deployment ${bench.namespace}/web`,
        change: () => {
          const web = live('Deployment', 'web') as StoredApiObject;
          bench.world.cluster.remove('Deployment', 'web');
          bench.world.cluster.put({ ...web, spec: { ...(web.spec as object), replicas: 7 } });
        },
        repaired: () => expect(live('Deployment', 'web')?.spec).to.include({ replicas: 2 }),
      },
    ];
    for (const { name, target, change, repaired } of edits) {
      it(`reads exactly what was changed, and repairs it: ${name}`, async () => {
        change();
        report();
        const done = await attempt();
        expect([...new Set(done.reads)]).to.deep.equal([target()]);
        expect(done.writes).to.deep.equal([target()]);
        repaired();
        report();
        expect(await attempt(), 'its own repair').to.include({ status: true });
        expect(await attempt(), 'and then').to.deep.equal({ reads: [], writes: [], status: false });
      });
    }

    it('takes no state for verified that it has only repaired', async () => {
      const drift = withLabels({ 'app.kubernetes.io/name': 'other' });
      edit('Deployment', 'web', drift);
      report();
      await bench.attempt();
      // Before the agent has seen the repair somebody does the same again: the report stays equal.
      edit('Deployment', 'web', drift);
      const done = await attempt();
      expect(done.writes).to.deep.equal([`apps/v1 Deployment ${bench.namespace}/web`]);
    });

    it('reads, once, what was changed and is still as wanted', async () => {
      edit('Deployment', 'web', withLabels({ team: 'shop' }));
      report();
      expect(await attempt()).to.deep.equal({
        reads: [`apps/v1 Deployment ${bench.namespace}/web`],
        writes: [],
        status: true,
      });
      expect(await attempt()).to.deep.equal({ reads: [], writes: [], status: false });
    });

    it('reads all while the agent is lost', async () => {
      putRuntime(bench.world, { agent: false });
      edit('Deployment', 'web', withSpec({ replicas: 7 }));
      const done = await attempt();
      expect(done.reads).to.include.members([...all]);
      expect(done.writes).to.deep.equal([`apps/v1 Deployment ${bench.namespace}/web`]);
    });

    it('reads all when the definition was edited, also in what it does not change', async () => {
      putDefinition(bench.world, `# as before\n${webYaml}`);
      expect((await attempt()).reads).to.include.members([...all]);
      expect((await attempt()).reads).to.deep.equal([]);
    });

    it('reads all after an attempt that failed', async () => {
      bench.world.cluster.refusals.set('Deployment web', new ApiError('Invalid', 'no'));
      putDefinition(bench.world, webYaml.replace('replicas: 2', 'replicas: 3'));
      await bench.attempt();
      bench.world.cluster.refusals.clear();
      expect((await attempt()).reads).to.include.members([...all]);
    });

    it('reads all after the cluster could not be reached', async () => {
      edit('Deployment', 'web', withSpec({ replicas: 7 }));
      report();
      bench.world.cluster.down = new ApiError('ServiceUnavailable', 'no route');
      await bench.attempt();
      bench.world.cluster.down = undefined;
      expect((await attempt()).reads).to.include.members([...all]);
    });

    it('reads a resource that the definition brings, and applies it', async () => {
      const more = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more }\n';
      putDefinition(bench.world, `${webYaml}---\n${more}`);
      expect((await attempt()).writes).to.deep.equal([`v1 ConfigMap ${bench.namespace}/more`]);
    });
  });
});
