import type { HomePaths } from './home-paths.js';
import { readJsonFile, writeFileAtomically } from './json-file.js';
import type { Ports } from './settings.js';

/** A process that can be told from a later one with the same pid. */
export interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

export type PartPhase =
  'waiting' | 'starting' | 'ready' | 'restarting' | 'stopping' | 'stopped' | 'failed';

export interface PartState {
  readonly name: string;
  readonly phase: PartPhase;
  readonly process?: ProcessRecord | undefined;
  /** How often it has been started again since `up`. */
  readonly restarts: number;
  /** How long its last start took, in milliseconds. */
  readonly readyAfterMs?: number | undefined;
  /** How it ended the last time: `exit code 1`, `signal SIGKILL`. */
  readonly lastExit?: string | undefined;
}

/** What the supervisor says of itself: sent to the `up` that started it, and kept in run/state.json. */
export interface RunState {
  readonly version: 1;
  readonly supervisor: ProcessRecord;
  readonly phase: 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly ports: Ports | undefined;
  /** In the order of their start. The last, `runtime`, is no process but the sandbox's registration. */
  readonly parts: readonly PartState[];
  readonly warnings: readonly string[];
  /** Why it failed, ready to be printed. */
  readonly error?: string | undefined;
}

/** The last state written, or undefined if there is none. Throws if the file is damaged. */
export function readRunState(paths: HomePaths): RunState | undefined {
  return readJsonFile<RunState>(
    paths.state,
    (value) =>
      value.version === 1 &&
      typeof value.supervisor?.pid === 'number' &&
      Array.isArray(value.parts) &&
      Array.isArray(value.warnings),
    'run `tptctl down`, which stops what may still run and removes that file; no object is lost',
  );
}

export function writeRunState(paths: HomePaths, state: RunState): void {
  writeFileAtomically(paths.state, `${JSON.stringify(state, null, 2)}\n`);
}
