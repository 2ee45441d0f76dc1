import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { EmbeddedError, fileError, systemCodeOf } from './embedded-error.js';

/**
 * Writes a file in one step: a reader sees the old text or the new, never a part. Mode 0600.
 * Throws an `EmbeddedError` that names the path.
 */
export function writeFileAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError('write', path, error);
  }
}

/** The text, or undefined if there is no such file. */
export function readFileIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
}

/**
 * The object in a JSON file, or undefined if there is no such file. Throws an `EmbeddedError` with
 * `remedy` if it is no JSON object or `isValid` refuses it.
 */
export function readJsonFile<T extends object>(
  path: string,
  isValid: (value: T) => boolean,
  remedy: string,
): T | undefined {
  const text = readFileIfExists(path);
  if (text === undefined) return undefined;
  let cause: unknown;
  try {
    const value = JSON.parse(text) as T | null;
    if (typeof value === 'object' && value !== null && isValid(value)) return value;
  } catch (error) {
    cause = error;
  }
  throw new EmbeddedError(
    `${path} is damaged: ${cause instanceof Error ? cause.message : 'it does not hold what tptctl wrote there'}`,
    { remedy, cause },
  );
}
