import { writeSync } from 'node:fs';
import type { Environment } from './env.js';

/** The places where a process can be made to fail, and whose they are. The only ones there are. */
export const failpoints = {
  // A user's write, and what is told of it.
  'before-commit': 'server',
  'after-commit-before-hint': 'server',
  'before-answer': 'server',
  'before-hint': 'server',
  'after-hint-before-wake': 'server',
  'after-wake-before-place': 'server',
  'before-collect': 'server',
  'after-collect': 'server',
  // What a worker asks of the server.
  'after-claim-before-answer': 'server',
  'before-complete-commit': 'server',
  'after-complete-before-answer': 'server',
  'after-renew-before-answer': 'server',
  // What an agent asks of it.
  'after-report-before-heartbeat': 'server',
  'after-report-before-answer': 'server',
  // One attempt at an object.
  'before-claim': 'worker',
  'after-claim': 'worker',
  'before-checkpoint': 'worker',
  'after-checkpoint': 'worker',
  'before-effect': 'worker',
  'after-effect': 'worker',
  'before-complete': 'worker',
  'after-complete': 'worker',
  'before-finalizer-remove': 'worker',
  'before-renew': 'worker',
  'after-renew': 'worker',
  // What happens in a cluster, and its report.
  'before-observe': 'agent',
  'before-report': 'agent',
  'after-report': 'agent',
} as const satisfies Record<string, 'server' | 'worker' | 'agent'>;

export type Failpoint = keyof typeof failpoints;

/** What happens there: at the n-th pass (1 is the first) the process dies, stands still, or goes on badly. */
interface Fault {
  readonly action: 'kill' | 'stop' | 'error' | 'delay';
  passesLeft: number;
  readonly delayMs: number;
}

const LONGEST_DELAY_MS = 60_000;

let armed: Map<string, Fault> | undefined;

/** Nothing, unless this process was started to fail here: see `armFailpoints`. */
export function failpoint(name: Failpoint): void {
  if (armed !== undefined) pass(armed, name);
}

/**
 * Reads THREEPORT_FAILPOINTS: `name=action[:n][;name=action...]`, where the action is `kill` (kill -9
 * of itself), `stop` (SIGSTOP), `error` (throws), each at the n-th pass from now on (default 1), or
 * `delay:ms`, where the whole process stands still, at each pass. For tests only: without
 * THREEPORT_ALLOW_FAILPOINTS=1 it is refused.
 *
 * @throws Error that says what is wrong with it.
 */
export function armFailpoints(env: Environment): void {
  const text = env['THREEPORT_FAILPOINTS'] ?? '';
  if (text === '') return;
  if (env['THREEPORT_ALLOW_FAILPOINTS'] !== '1') {
    throw new Error('THREEPORT_FAILPOINTS makes this process fail; it is for tests only');
  }
  armed = new Map(text.split(';').map(parseFault));
}

/** Forgets them. */
export function disarmFailpoints(): void {
  armed = undefined;
}

function parseFault(text: string): [string, Fault] {
  const [name = '', what = ''] = text.split('=');
  const [action = '', number = '1'] = what.split(':');
  const isKnown = Object.hasOwn(failpoints, name);
  const isAction = ['kill', 'stop', 'error', 'delay'].includes(action);
  const count = Number(number);
  if (!isKnown || !isAction || !Number.isInteger(count) || count < 1 || count > LONGEST_DELAY_MS) {
    throw new Error(`THREEPORT_FAILPOINTS: "${text}" is no failpoint with an action`);
  }
  const isDelay = action === 'delay';
  return [
    name,
    {
      action: action as Fault['action'],
      passesLeft: isDelay ? 1 : count,
      delayMs: isDelay ? count : 0,
    },
  ];
}

function pass(faults: ReadonlyMap<string, Fault>, name: Failpoint): void {
  const fault = faults.get(name);
  if (fault === undefined) return;
  if (fault.action === 'delay') return standStill(fault.delayMs);
  fault.passesLeft -= 1;
  if (fault.passesLeft !== 0) return;
  // Written at once: after a kill nothing is written any more.
  writeSync(2, `failpoint ${name}: ${fault.action}\n`);
  if (fault.action === 'error') throw new Error(`failpoint ${name}`);
  process.kill(process.pid, fault.action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  // A signal to oneself may come a little later; nothing happens here until it has.
  standStill(fault.action === 'kill' ? LONGEST_DELAY_MS : 20);
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
