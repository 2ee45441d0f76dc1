import { expect } from 'chai';
import { runScenario } from './run-scenario.js';
import { CALM, type Scenario, type Strike } from './scenario/scenario.js';

/** One workload that is applied in a cluster so slow that it takes longer than a lease. */
function slowly(...strikes: readonly Strike[]): Scenario {
  return {
    seed: 0,
    servers: 1,
    workers: 2,
    resyncs: false,
    scripts: [
      {
        name: 'w0',
        subject: 'workload',
        acts: [{ do: 'put', afterMs: 100, value: 'a', parts: 3 }],
      },
    ],
    weather: CALM,
    stormMs: 60_000,
    strikes: [{ atMs: 50, strike: 'cluster', health: 'slow', forMs: 60_000 }, ...strikes],
  };
}

const workers = ['worker-0', 'worker-1'];

describe('stories', () => {
  const cases: { name: string; reason: string; scenario: Scenario }[] = [
    {
      name: 'work longer than a lease',
      reason: 'it is renewed',
      scenario: slowly(),
    },
    {
      name: 'the clocks of the workers are set back meanwhile',
      reason: 'a lease is counted by a clock that nobody sets',
      scenario: slowly(
        ...workers.map((process): Strike => {
          return { atMs: 3_000, strike: 'clock', process, aheadMs: -200_000 };
        }),
      ),
    },
    {
      name: 'the workers stand still for longer than a lease',
      reason: 'who comes back looks at its lease before it changes anything',
      scenario: slowly(
        ...workers.map((process, index): Strike => {
          return { atMs: 4_000 + 700 * index, strike: 'pause', process, forMs: 20_000 };
        }),
      ),
    },
  ];
  for (const { name, reason, scenario } of cases) {
    it(`${name}: ${reason}`, async () => {
      for (let seed = 1; seed <= 30; seed++) {
        const { violations } = await runScenario({ ...scenario, seed });
        expect(violations, `seed ${seed}`).to.deep.equal([]);
      }
    }).timeout(60_000);
  }
});
