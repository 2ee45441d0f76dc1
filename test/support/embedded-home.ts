import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type StartOptions } from '../../tptctl/embedded/control-plane.js';
import { isAlive } from '../../tptctl/embedded/process-table.js';
import type { RunState } from '../../tptctl/embedded/run-state.js';
import { purgeControlPlane, stopControlPlane } from '../../tptctl/embedded/stop-control-plane.js';

const FAKE_PART = join(import.meta.dirname, 'fake-part.js');

/** A home of its own for one test, on free ports, with stand-ins for our own parts. */
export interface EmbeddedHome {
  readonly dir: string;
  readonly options: StartOptions;
  up(changes?: Partial<StartOptions>): ReturnType<typeof startControlPlane>;
  down(): ReturnType<typeof stopControlPlane>;
  /** Stops and removes everything. */
  remove(): Promise<void>;
}

export async function embeddedHome(): Promise<EmbeddedHome> {
  const dir = await mkdtemp(join(tmpdir(), 'threeport-test-home-'));
  const options: StartOptions = {
    home: dir,
    ports: { api: 0, sandbox: 0, nats: 0 },
    logLevel: 'info',
    searchPath: process.env['PATH'] ?? '',
    scripts: {
      server: FAKE_PART,
      sandbox: FAKE_PART,
      reconcilers: FAKE_PART,
      agent: FAKE_PART,
    },
  };
  return {
    dir,
    options,
    up: (changes = {}) => startControlPlane({ ...options, ...changes }),
    down: () => stopControlPlane(dir),
    remove: async () => {
      await stopControlPlane(dir);
      await purgeControlPlane(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The pids of the supervisor and of every part. */
export function pidsOf(state: RunState): number[] {
  const parts = state.parts.map((part) => part.process?.pid);
  return [state.supervisor.pid, ...parts.filter((pid) => pid !== undefined)];
}

export function alive(pids: readonly number[]): number[] {
  return pids.filter((pid) => isAlive(pid));
}
