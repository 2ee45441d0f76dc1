import { setTimeout as delay } from 'node:timers/promises';
import { describeExit } from './child-exit.js';
import { EmbeddedError } from './embedded-error.js';
import { LogFile } from './log-file.js';
import { identityOf } from './process-table.js';
import type { PartPhase, PartState } from './run-state.js';
import type { RunningChild } from './start-child.js';

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;
/** A part that stayed up this long starts again from the first backoff. */
const SETTLED_AFTER_MS = 60_000;

export interface PartStart {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly logFile: string;
  readonly onPid: (pid: number) => void;
}

/** One process of the control plane: how it is started, and what must be ready before. */
export interface Part {
  readonly name: string;
  readonly after: readonly string[];
  readonly start: (how: PartStart) => Promise<RunningChild>;
}

/**
 * Keeps one part running: started once by `start`, and started again whenever it ends, after 0.2 s
 * doubling to 10 s, until `stop`.
 */
export class SupervisedPart {
  readonly name: string;
  readonly after: readonly string[];
  readonly #part: Part;
  readonly #logFile: string;
  readonly #onChange: () => void;
  readonly #stopped = new AbortController();
  #log: LogFile | undefined;
  #child: RunningChild | undefined;
  #starting: Promise<RunningChild> | undefined;
  #running: Promise<void> | undefined;
  #state: PartState;

  constructor(part: Part, logFile: string, onChange: () => void) {
    this.name = part.name;
    this.after = part.after;
    this.#part = part;
    this.#logFile = logFile;
    this.#onChange = onChange;
    this.#state = { name: part.name, phase: 'waiting', restarts: 0 };
  }

  get state(): PartState {
    return this.#state;
  }

  /** Resolves when the part is ready. Rejects, with nothing left running, if it does not get there. */
  async start(): Promise<void> {
    try {
      this.#log = new LogFile(this.#logFile);
      this.#starting = this.#startOnce('starting');
      this.#child = await this.#starting;
    } catch (error) {
      this.#become(this.#stopped.signal.aborted ? 'stopped' : 'failed', { process: undefined });
      throw error;
    }
    this.#running = this.#keepRunning(this.#child);
  }

  /** Resolves when the part is gone for good. Idempotent; also ends a start that is under way. */
  async stop(): Promise<void> {
    if (this.#state.phase === 'waiting') return;
    this.#become('stopping');
    this.#stopped.abort(new Error(`stopping ${this.name}`));
    await this.#starting?.catch(() => undefined);
    await this.#child?.stop();
    await this.#running;
    this.#become('stopped', { process: undefined });
  }

  async #startOnce(phase: PartPhase): Promise<RunningChild> {
    const startedAt = performance.now();
    this.#become(phase, { process: undefined });
    const child = await this.#part.start({
      signal: this.#stopped.signal,
      log: (line) => this.#log?.writeLine(line),
      logFile: this.#logFile,
      onPid: (pid) => {
        const identity = identityOf(pid);
        if (identity !== undefined) this.#become(phase, { process: { pid, identity } });
      },
    });
    this.#become('ready', { readyAfterMs: Math.round(performance.now() - startedAt) });
    return child;
  }

  async #keepRunning(first: RunningChild): Promise<void> {
    let child: RunningChild | undefined = first;
    let backoffMs = FIRST_BACKOFF_MS;
    let readyAt = performance.now();
    while (!this.#stopped.signal.aborted) {
      if (child !== undefined) {
        const lastExit = describeExit(await child.exited);
        if (this.#stopped.signal.aborted) return;
        this.#note(`${this.name} ended (${lastExit})`);
        this.#become('restarting', { process: undefined, lastExit });
        if (performance.now() - readyAt > SETTLED_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      }
      await delay(backoffMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      if (this.#stopped.signal.aborted) return;
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      this.#become('restarting', { restarts: this.#state.restarts + 1 });
      try {
        child = await this.#startOnce('restarting');
        this.#child = child;
        readyAt = performance.now();
        this.#note(`${this.name} is ready again after restart ${this.#state.restarts}`);
      } catch (error) {
        child = undefined;
        if (this.#stopped.signal.aborted) return;
        this.#note(error instanceof EmbeddedError ? error.format() : String(error));
        this.#become('restarting', { process: undefined });
      }
    }
  }

  #become(phase: PartPhase, changes: Partial<PartState> = {}): void {
    this.#state = { ...this.#state, ...changes, phase };
    this.#onChange();
  }

  #note(message: string): void {
    process.stderr.write(`${new Date().toISOString()} ${message}\n`);
  }
}
