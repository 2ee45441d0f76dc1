import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client } from 'pg';
import { inspectControlPlane } from '../../tptctl/embedded/control-plane.js';
import { postgresUrl } from '../../tptctl/embedded/postgres.js';
import type { PartState, RunState } from '../../tptctl/embedded/run-state.js';
import { alive, embeddedHome, pidsOf, type EmbeddedHome } from '../support/embedded-home.js';
import { eventually } from '../support/eventually.js';

describe('the embedded control plane after a crash', function () {
  this.timeout(60_000);
  let home: EmbeddedHome;

  // One home for all: every start but the first is quick.
  before(async () => {
    home = await embeddedHome();
  });
  afterEach(() => home.down());
  after(() => home.remove());

  it('leaves no process when the supervisor is killed, and the next up finds the data', async () => {
    const { state } = await home.up();
    await query(state, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(state.supervisor.pid, 'SIGKILL');
    await eventually('every process is gone', () => alive(pidsOf(state)).length === 0);

    const again = await home.up();
    expect(again.alreadyRunning).to.equal(false);
    expect(await query(again.state, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }]);
  });

  it('stops what is left when supervisor and guard are killed at once', async () => {
    const { state } = await home.up();
    const postgres = partIn(state, 'postgres').process?.pid ?? 0;
    killAtOnce(state.supervisor.pid, parentOf(postgres));
    await eventually('only postgres is left', () => alive(pidsOf(state)).length === 1, 30_000);
    expect(alive(pidsOf(state))).to.deep.equal([postgres]);

    expect(await home.down()).to.deep.equal({ wasRunning: false, leftovers: ['postgres'] });
    expect(alive([postgres])).to.deep.equal([]);
  });

  it('starts again after both were killed, over the leftover', async () => {
    const { state } = await home.up();
    killAtOnce(state.supervisor.pid, parentOf(partIn(state, 'postgres').process?.pid ?? 0));
    await eventually('it is dead', () => alive([state.supervisor.pid]).length === 0);
    const again = await home.up();
    expect(alive(pidsOf(state))).to.deep.equal([]);
    expect(again.state.phase).to.equal('ready');
  });

  for (const name of ['postgres', 'nats', 'server'] as const) {
    it(`restarts ${name} alone when it is killed`, async function () {
      const { state } = await home.up();
      if (!state.parts.some((part) => part.name === name)) return this.skip();
      process.kill(partIn(state, name).process?.pid ?? 0, 'SIGKILL');
      const after = await eventually(`${name} is ready again`, () => {
        const now = inspectControlPlane(home.dir).state;
        const part = now?.parts.find((candidate) => candidate.name === name);
        return part?.phase === 'ready' && part.restarts > 0 ? now : undefined;
      });
      expect(partIn(after, name).lastExit).to.match(/SIGKILL|exit code 137/);
      if (name === 'postgres') {
        expect(await query(after, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      }
      const untouched = (part: PartState): boolean => part.name !== name;
      expect(after.parts.filter(untouched)).to.deep.equal(state.parts.filter(untouched));
    });
  }

  it('restarts postgres when its guard is killed', async () => {
    const { state } = await home.up();
    const postgres = partIn(state, 'postgres').process?.pid ?? 0;
    process.kill(parentOf(postgres), 'SIGKILL');
    await eventually('postgres is ready again', () => {
      const part = inspectControlPlane(home.dir).state?.parts[0];
      return part?.phase === 'ready' && part.restarts > 0;
    });
    expect(alive([postgres])).to.deep.equal([]);
  });
});

/** Neither can do anything about the other's end: both are stopped before the first is killed. */
function killAtOnce(...pids: readonly number[]): void {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of pids) process.kill(pid, signal);
  }
}

function partIn(state: RunState, name: string): PartState {
  const part = state.parts.find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`no part ${name}`);
  return part;
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Asks the database `threeport`; finds the socket through postgres' own pid file. */
async function query(state: RunState, sql: string): Promise<unknown[]> {
  const args = readFileSync(`/proc/${partIn(state, 'postgres').process?.pid}/cmdline`, 'utf8');
  const dataDir = args.split('\0')[2] ?? '';
  const pidFile = readFileSync(`${dataDir}/postmaster.pid`, 'utf8').split('\n');
  const socketDir = pidFile[4] ?? dirname(dataDir);
  const client = new Client({ connectionString: postgresUrl(socketDir, 'threeport') });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows ?? [];
  } finally {
    await client.end();
  }
}
