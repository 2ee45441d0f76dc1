import { expect } from 'chai';
import { scenarioOf } from './scenario-of-seed.js';
import { CALM, type Scenario } from './scenario.js';
import { shrink } from './shrink.js';

describe('shrink', () => {
  const process = 'worker-0';
  const large: Scenario = {
    ...scenarioOf(13),
    workers: 3,
    servers: 2,
    strikes: Array.from({ length: 9 }, (_, index) =>
      index % 3 === 0
        ? { atMs: index, strike: 'kill', process, awayMs: 1 }
        : { atMs: index, strike: 'pause', process, forMs: 1 },
    ),
  };
  const kills = (scenario: Scenario) =>
    scenario.strikes.filter(({ strike }) => strike === 'kill').length;

  it('leaves what it takes to fail, and nothing else', async () => {
    const fails = async (scenario: Scenario): Promise<boolean> =>
      kills(scenario) >= 2 && scenario.scripts.some(({ acts }) => acts.length > 0);
    const small = await shrink(large, fails, { tries: 1_000 });
    expect(await fails(small)).to.equal(true);
    expect(small.strikes).to.have.length(2);
    expect(small.scripts.map(({ acts }) => acts.length)).to.deep.equal([1]);
    expect(small.weather).to.deep.equal(CALM);
    expect([small.workers, small.servers]).to.deep.equal([1, 1]);
  });

  it('keeps a story of which every part is needed', async () => {
    const whole = JSON.stringify(large);
    const fails = async (scenario: Scenario): Promise<boolean> =>
      JSON.stringify(scenario) === whole;
    expect(await shrink(large, fails, { tries: 1_000 })).to.deep.equal(large);
  });

  it('ends after as many tries as it was given', async () => {
    let tries = 0;
    const fails = async (): Promise<boolean> => {
      tries += 1;
      return true;
    };
    await shrink(large, fails, { tries: 5 });
    expect(tries).to.equal(5);
  });
});
