import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 60_000;
const KEPT_LINES = 40;

/** One of our processes, as it is in production; it ends with this one. */
export class TestProcess {
  readonly name: string;
  readonly #script: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** What it said last on standard error. */
  #lines: string[] = [];
  #reached: (line: string) => void = () => undefined;

  constructor(name: string, script: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#script = script;
    this.#env = { ...process.env, THREEPORT_EXIT_ON_STDIN_CLOSE: '1', ...env };
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Its last words, for a failing test. */
  get output(): string {
    return this.#lines.map((line) => `${this.name}: ${line}`).join('\n');
  }

  /**
   * Starts it, killed first if it runs; resolves when it is ready. `failpoints` is what it is to fail
   * at (see sdk/failpoint.ts).
   */
  async start(failpoints?: string): Promise<void> {
    await this.kill();
    this.#lines = [];
    const armed = failpoints !== undefined && {
      THREEPORT_FAILPOINTS: failpoints,
      THREEPORT_ALLOW_FAILPOINTS: '1',
    };
    const child = spawn(process.execPath, [this.#script], {
      env: { ...this.#env, ...armed },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lines = [...this.#lines.slice(1 - KEPT_LINES), line];
      if (line.startsWith('failpoint ')) this.#reached(line);
    });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.name} is not ready`)),
        START_TIMEOUT_MS,
      );
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        end();
      };
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"ready":true')) settle(resolve);
      });
      child.on('exit', (code) =>
        settle(() => reject(new Error(`${this.name} ended with ${code}:\n${this.output}`))),
      );
    });
  }

  /** Resolves when it has come to a failpoint and stands still there, or is dead. */
  async failed(): Promise<void> {
    const child = this.#child;
    const line =
      this.#lines.find((each) => each.startsWith('failpoint ')) ??
      (await new Promise<string>((resolve) => (this.#reached = resolve)));
    if (!line.endsWith('kill') || child === undefined || !this.isRunning) return;
    await once(child, 'exit');
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }
}
