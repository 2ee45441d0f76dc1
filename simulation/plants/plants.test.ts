import { expect } from 'chai';
import { runSeed } from '../run-seed.js';
import { plants } from './plants.js';

const SEEDS = 2_000;

describe('planted bugs', () => {
  it('have names of their own', () => {
    expect(new Set(plants.map(({ name }) => name)).size).to.equal(plants.length);
    expect(plants.length).to.be.greaterThanOrEqual(20);
  });

  for (const plant of plants) {
    it(`finds that ${plant.bug}`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        if ((await runSeed(seed, { plant })).violations.length > 0) return;
      }
      expect.fail(`${plant.name} is not found in ${SEEDS} seeds`);
    }).timeout(900_000);
  }
});
