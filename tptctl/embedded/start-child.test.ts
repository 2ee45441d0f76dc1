import { expect } from 'chai';
import { startChild, type ChildSpec } from './start-child.js';
import { isAlive } from './process-table.js';

const SPEC: ChildSpec = {
  name: 'sample',
  command: '/bin/sh',
  args: [],
  env: process.env,
  isReady: (line) => line === 'ready',
  log: () => undefined,
};

describe('startChild', () => {
  const sh = (script: string, changes: Partial<ChildSpec> = {}) =>
    startChild({ ...SPEC, args: ['-c', script], ...changes });

  const failures = [
    {
      name: 'a program that ends first',
      script: 'for i in 1 2 3 4 5 6; do echo "line $i"; done; exit 3',
      changes: {},
      message: 'sample ended before it was ready (exit code 3)',
      logLines: ['line 2', 'line 3', 'line 4', 'line 5', 'line 6'],
    },
    {
      name: 'a guarded program that ends first',
      script: 'echo "no luck" >&2; exit 3',
      changes: { guardSignal: 'TERM' },
      message: 'sample ended before it was ready (exit code 3)',
      logLines: ['no luck'],
    },
    {
      name: 'a program that is never ready',
      script: 'echo waiting; exec sleep 60',
      changes: { readyTimeoutMs: 300 },
      message: 'sample was not ready within 0.3 s',
      logLines: ['waiting'],
    },
    {
      name: 'a program that is not there',
      script: '',
      changes: { command: '/nowhere/program' },
      message: 'sample ended before it was ready (exit code 127)',
      logLines: ['spawn /nowhere/program ENOENT'],
    },
  ] as const;
  for (const { name, script, changes, message, logLines } of failures) {
    it(`rejects for ${name}`, async () => {
      const error: unknown = await sh(script, changes).catch((thrown: unknown) => thrown);
      expect(error).to.include({ message });
      expect((error as { logLines: string[] }).logLines).to.deep.equal(logLines);
    });
  }

  for (const guardSignal of ['INT', 'TERM'] as const) {
    it(`stops a guarded program with SIG${guardSignal}`, async () => {
      const lines: string[] = [];
      const child = await sh(
        `trap 'echo got ${guardSignal}; exit 0' ${guardSignal}; echo ready; while :; do sleep 0.05; done`,
        // A shell cannot trap SIGINT that was ignored when it started, as it is in the background.
        guardSignal === 'INT'
          ? {
              guardSignal,
              command: process.execPath,
              args: [
                '-e',
                "process.on('SIGINT',()=>{console.log('got INT');process.exit(0)});console.log('ready');setInterval(()=>{},1e3)",
              ],
              log: (line) => lines.push(line),
            }
          : { guardSignal, log: (line) => lines.push(line) },
      );
      expect(isAlive(child.pid)).to.equal(true);
      expect(await child.stop()).to.deep.equal({ code: 0, signal: null });
      expect(isAlive(child.pid)).to.equal(false);
      expect(lines).to.include(`got ${guardSignal}`);
    });
  }

  it('says how a guarded program ended', async () => {
    const child = await sh('echo ready; exec sleep 60', { guardSignal: 'TERM' });
    process.kill(child.pid, 'SIGKILL');
    expect(await child.exited).to.deep.equal({ code: 137, signal: null });
  });

  it('stops a child whose start is interrupted', async () => {
    const interrupt = new AbortController();
    let pid = 0;
    const starting = sh('exec sleep 60', {
      guardSignal: 'TERM',
      signal: interrupt.signal,
      onPid: (known) => {
        pid = known;
        interrupt.abort(new Error('enough'));
      },
    });
    const error: unknown = await starting.catch((thrown: unknown) => thrown);
    expect(error).to.equal(interrupt.signal.reason);
    expect(isAlive(pid)).to.equal(false);
  });
});
