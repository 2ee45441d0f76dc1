import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { createTelemetry, type Telemetry } from '../../sdk/run/telemetry.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { eventually } from '../support/eventually.js';
import { noPorts, startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';
const KIND = 'group="workload.threeport.io",resource="workloads"';

describe('metrics and health of a worker', function () {
  this.timeout(60_000);
  let plane: WorkPlane;
  let telemetry: Telemetry;

  beforeEach(async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    telemetry = createTelemetry({ host: '127.0.0.1', port: 0 });
    await telemetry.start(new AbortController().signal);
  });
  afterEach(async () => {
    await plane?.stop();
    await telemetry?.stop();
  });

  const scrape = async (): Promise<string> => (await fetch(`${telemetry.address}/metrics`)).text();
  const valueOf = async (series: string): Promise<number> => {
    const line = (await scrape()).split('\n').find((one) => one.startsWith(`${series} `));
    return Number(line?.split(' ').at(-1) ?? NaN);
  };
  const work = (reconcile: Reconciler['reconcile'], options = {}) =>
    plane.work([{ resource: WORKLOADS, reconcile }], {
      observers: telemetry.observers,
      ...options,
    });

  it('tell one change from its commit to its effects', async () => {
    await work(
      async (_object, ctx) => {
        await ctx.api.apply({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'secret-name' },
        });
        await ctx.api.find('secrets', { name: 'secret-name' }).catch(() => undefined);
        return done;
      },
      {
        ports: {
          ...noPorts,
          api: {
            ...noPorts.api,
            apply: async (object: object) => object,
            find: () => Promise.reject(new ApiError('Timeout', 'no answer')),
          },
        },
      },
    );
    await plane.create('Workload', { name: 'object-name' });
    await eventually('it converged', async () => {
      return (await valueOf(`threeport_reconcile_convergence_seconds_count{${KIND}}`)) === 1;
    });
    const values: Record<string, number> = {
      [`threeport_reconcile_attempts_total{${KIND},outcome="done"}`]: 1,
      [`threeport_reconcile_duration_seconds_count{${KIND}}`]: 1,
      [`threeport_reconcile_active{${KIND}}`]: 0,
      [`threeport_work_waiting{${KIND}}`]: 0,
      [`threeport_work_claimed_total{${KIND},cause="change"}`]: 1,
      [`threeport_work_queue_seconds_count{${KIND}}`]: 1,
      [`threeport_work_hints_total{${KIND}}`]: 1,
      'threeport_effects_total{port="api",nature="update",outcome="ok"}': 1,
      'threeport_effects_total{port="api",nature="read",outcome="Timeout"}': 1,
      'threeport_effect_duration_seconds_count{port="api",nature="update"}': 1,
    };
    for (const [series, want] of Object.entries(values)) {
      expect(await valueOf(series), series).to.equal(want);
    }
    expect(await valueOf('threeport_work_claim_objects_count{by="sweep"}')).to.be.at.least(1);
    const text = await scrape();
    for (const word of ['object-name', 'secret-name', 'default']) expect(text).not.to.include(word);
  });

  it('have no more series for a hundred objects than for one', async () => {
    await work(async () => done);
    await plane.create('Workload', { name: 'first' });
    const settled = (count: number) =>
      eventually(`${count} attempts`, async () => {
        const series = `threeport_reconcile_attempts_total{${KIND},outcome="done"}`;
        return (await valueOf(series)) >= count;
      });
    await settled(1);
    const series = async (): Promise<string[]> =>
      (await scrape()).split('\n').flatMap((line) => {
        const [, name] = /^(threeport_\w+_seconds_\w+\{group.*\}) /.exec(line) ?? [];
        return name ?? [];
      });
    const before = await series();
    const made = Array.from({ length: 100 }, (_, i) =>
      plane.create('Workload', { name: `w-${i}` }),
    );
    await Promise.all(made);
    await settled(101);
    expect(before).not.to.deep.equal([]);
    expect(await series()).to.deep.equal(before);
  });

  it('is ready while the server answers, and alive meanwhile', async () => {
    const ready = async (): Promise<number> => (await fetch(`${telemetry.address}/readyz`)).status;
    expect(await ready(), 'before it asked').to.equal(503);
    const api = { ...plane.client };
    await work(async () => done, { api, sweepMs: 50 });
    await eventually('it is ready', async () => (await ready()) === 200);
    const away = (): Promise<never> => Promise.reject(new ApiError('ServiceUnavailable', 'away'));
    Object.assign(api, { claim: away });
    await eventually('it is not', async () => (await ready()) === 503);
    expect((await fetch(`${telemetry.address}/livez`)).status).to.equal(200);
    const failed = 'threeport_work_claims_total{by="sweep",outcome="ServiceUnavailable"}';
    expect(await valueOf(failed)).to.be.at.least(1);
    Object.assign(api, { claim: plane.client.claim });
    await eventually('it is again', async () => (await ready()) === 200);
  });
});
