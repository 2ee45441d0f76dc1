import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { armFailpoints, disarmFailpoints, failpoint } from './failpoint.js';

const arm = (text: string): void =>
  armFailpoints({ THREEPORT_FAILPOINTS: text, THREEPORT_ALLOW_FAILPOINTS: '1' });

describe('failpoints', () => {
  afterEach(disarmFailpoints);

  it('do nothing unless armed', () => {
    armFailpoints({});
    expect(() => failpoint('after-claim')).to.not.throw();
  });

  it('are refused without the switch of tests', () => {
    expect(() => armFailpoints({ THREEPORT_FAILPOINTS: 'after-claim=kill' })).to.throw(
      /for tests only/,
    );
  });

  for (const text of ['no-such=kill', 'after-claim', 'after-claim=jump', 'after-claim=kill:0']) {
    it(`refuse "${text}"`, () => {
      expect(() => arm(text)).to.throw(`"${text}" is no failpoint`);
    });
  }

  it('fail once, at the n-th pass, each for itself', () => {
    arm('after-claim=error:2;before-hint=error');
    expect(() => failpoint('after-claim')).to.not.throw();
    expect(() => failpoint('before-hint')).to.throw('failpoint before-hint');
    expect(() => failpoint('after-claim')).to.throw('failpoint after-claim');
    expect(() => failpoint('after-claim')).to.not.throw();
  });

  it('stand still at each pass', () => {
    arm('after-claim=delay:30');
    for (let pass = 0; pass < 2; pass++) {
      const begunAt = performance.now();
      failpoint('after-claim');
      expect(performance.now() - begunAt).to.be.at.least(29);
    }
  });

  it('kill the process before anything else happens', () => {
    const module = new URL('./failpoint.js', import.meta.url).href;
    const script = `
      const { armFailpoints, failpoint } = await import('${module}');
      armFailpoints(process.env);
      failpoint('after-claim');
      console.log('alive');`;
    const { signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script],
      {
        env: { THREEPORT_FAILPOINTS: 'after-claim=kill', THREEPORT_ALLOW_FAILPOINTS: '1' },
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    expect({ signal, stdout, stderr }).to.deep.equal({
      signal: 'SIGKILL',
      stdout: '',
      stderr: 'failpoint after-claim: kill\n',
    });
  });
});
