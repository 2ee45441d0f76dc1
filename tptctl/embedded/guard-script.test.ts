import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { GUARD_SCRIPT } from './guard-script.js';

/** The exit code of a guard whose stdin stays open, as that of a living supervisor does. */
function guard(program: string): Promise<number | null> {
  const child = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', 'TERM', '/bin/sh', '-c', program], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return new Promise((resolve) => child.once('exit', resolve));
}

describe('the guard', function () {
  this.timeout(20_000);

  it('ends with its program, however soon that ends', async () => {
    // Many at once, so that some programs end before the guard has set up its watch.
    const codes = await Promise.all(Array.from({ length: 60 }, () => guard('exit 7')));
    expect(new Set(codes)).to.deep.equal(new Set([7]));
  });
});
