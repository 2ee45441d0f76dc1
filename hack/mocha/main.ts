import { spawn, type ChildProcess } from 'node:child_process';
import os from 'node:os';
import { countAtEnd, countLine, sumOf, type Count } from './count.js';

/**
 * Runs every test, in two processes: the simulation, which only computes, with low priority beside
 * everything else, which mostly waits for servers. What the simulation prints is kept until it has
 * ended, so that the two do not mix. The last line counts both, and the exit code is 0 only when
 * none failed.
 */
const MOCHA = 'node_modules/mocha/bin/mocha.js';
const SIMULATION = 'dist/simulation/**/*.test.js';
const SIMULATION_NICENESS = 10;

const running = new Set<ChildProcess>();

function run(tests: readonly string[], { live }: { live: boolean }): Promise<Count | undefined> {
  const child = spawn(process.execPath, [MOCHA, ...tests], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  if (!live && child.pid !== undefined) os.setPriority(child.pid, SIMULATION_NICENESS);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    if (live) process.stdout.write(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (live) process.stderr.write(chunk);
    else output.push(chunk);
  });
  return new Promise((resolve) => {
    child.on('close', () => {
      running.delete(child);
      const text = Buffer.concat(output).toString();
      if (!live) process.stdout.write(text);
      resolve(countAtEnd(text));
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
  });
}
const simulation = run([SIMULATION], { live: false });
const rest = await run(['dist/**/*.test.js', '--ignore', SIMULATION], { live: true });
const sum = sumOf([rest, await simulation]);
console.log(countLine(sum));
process.exitCode = sum.failed === 0 ? 0 : 1;
