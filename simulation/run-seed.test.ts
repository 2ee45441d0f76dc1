import { expect } from 'chai';
import { runSeed } from './run-seed.js';

describe('simulation', function () {
  this.timeout(120_000);

  it('ends every story as it should end', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { violations } = await runSeed(seed);
      expect(violations, `seed ${seed}`).to.deep.equal([]);
    }
  });

  it('ends the same story the same way, whatever was played before', async () => {
    const first = await runSeed(7, { keepsTrace: true });
    await runSeed(8);
    const second = await runSeed(7, { keepsTrace: true });
    expect(second.trace).to.deep.equal(first.trace);
    expect(second.digest).to.equal(first.digest);
    expect((await runSeed(8)).digest).not.to.equal(first.digest);
  });
});
