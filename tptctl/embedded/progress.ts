import type { PartState, RunState } from './run-state.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const NAME_WIDTH = 12;

/** Where progress is written: a terminal, or anything else that takes text. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Prints one line per part when it is ready, with the time it took. On a terminal a last, moving
 * line names what is still starting.
 */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #printed = new Set<string>();
  #pending: string[] = [];
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(state: RunState): void {
    const lines = [
      ...state.warnings.map((warning) => ({ key: warning, text: `  warning: ${warning}` })),
      ...state.parts.filter((part) => part.phase === 'ready').map(readyLine),
    ].filter(({ key }) => !this.#printed.has(key));
    this.#clear();
    for (const { key, text } of lines) {
      this.#printed.add(key);
      this.#output.write(`${text}\n`);
    }
    this.#pending = state.parts
      .filter((part) => part.phase === 'starting')
      .map((part) => part.name);
    this.#spin(state.phase === 'starting' && this.#output.isTTY === true);
  }

  /** Takes the moving line away. Call it before anything else is printed. Idempotent. */
  stop(): void {
    this.#spin(false);
    this.#clear();
  }

  #spin(on: boolean): void {
    if (!on) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    this.#clear();
    this.#output.write(`  ${FRAMES[this.#frame]} ${this.#pending.join(', ')}`);
  }

  #clear(): void {
    if (this.#output.isTTY === true) this.#output.write('\r\u001b[K');
  }
}

function readyLine(part: PartState): { key: string; text: string } {
  const seconds = ((part.readyAfterMs ?? 0) / 1000).toFixed(1);
  const what =
    part.name === 'runtime' ? '  the sandbox cluster is registered, its agent connected' : '';
  return { key: part.name, text: `  ${part.name.padEnd(NAME_WIDTH)} ready  ${seconds} s${what}` };
}
