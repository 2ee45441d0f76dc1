import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, systemCodeOf } from './embedded-error.js';
import { makeDir } from './make-dir.js';

const MAX_BYTES = 5 * 1024 * 1024;

/**
 * A part's log. Past `maxBytes` (default 5 MiB) it is renamed to `<name>.1`, replacing the one
 * before, so that a log never takes more than twice that.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #fd: number;
  #bytes: number;
  #failing = false;

  /** Throws an `EmbeddedError` if the file cannot be opened and written. */
  constructor(path: string, maxBytes = MAX_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    makeDir(dirname(path), 0o700);
    try {
      rotateLog(path, maxBytes);
      this.#fd = openSync(path, 'a', 0o600);
      this.#bytes = statSync(path).size;
    } catch (error) {
      throw fileError('write the log', path, error);
    }
  }

  /** Appends a line. A full disk loses lines, and does not stop the part: it is told once. */
  writeLine(line: string): void {
    try {
      if (this.#bytes > this.#maxBytes) this.#rotate();
      this.#bytes += writeSync(this.#fd, `${line}\n`);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        process.stderr.write(`lines of ${this.path} are lost: ${systemCodeOf(error)}\n`);
      }
      this.#failing = true;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #rotate(): void {
    closeSync(this.#fd);
    renameSync(this.path, `${this.path}.1`);
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#bytes = 0;
  }
}

/** Renames a log that is larger than `maxBytes` (default 5 MiB) to `<path>.1`. */
export function rotateLog(path: string, maxBytes = MAX_BYTES): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) renameSync(path, `${path}.1`);
}

/** The last lines of a log, without empty ones; none if it cannot be read. */
export function lastLinesOf(path: string, count = 5): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } catch {
    return [];
  }
}
