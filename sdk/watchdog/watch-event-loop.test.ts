import { expect } from 'chai';
import { spawn } from 'node:child_process';

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly output: string;
}

/** Runs the program beside a watch of one second. */
function run(program: string): Promise<Ended> {
  const module = new URL('./watch-event-loop.js', import.meta.url).href;
  const text =
    `import { watchEventLoop } from ${JSON.stringify(module)};\n` +
    `const end = watchEventLoop({ part: 'test', stuckMs: 1000 });\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output })),
  );
}

describe('watchEventLoop', function () {
  this.timeout(30_000);

  it('ends a process whose event loop stands still, and says so', async () => {
    const { signal, output } = await run('setTimeout(() => { for (;;); }, 200);');
    expect(signal).to.equal('SIGKILL');
    expect(JSON.parse(output)).to.include({ level: 'error', part: 'test', stuckMs: 1000 });
  });

  it('leaves a busy process alone, and does not keep it from its end', async () => {
    const busy = `
      const endAt = Date.now() + 3000;
      const work = () => {
        for (const until = Date.now() + 300; Date.now() < until; );
        if (Date.now() < endAt) setImmediate(work);
      };
      work();`;
    expect(await run(busy)).to.deep.equal({ signal: null, code: 0, output: '' });
  });

  it('ends with the watch', async () => {
    const after = `await end(); for (const until = Date.now() + 2500; Date.now() < until; );`;
    expect(await run(after)).to.deep.equal({ signal: null, code: 0, output: '' });
  });
});
