import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, systemCodeOf } from './embedded-error.js';

/**
 * Makes a folder and those above it, with the given mode; one that exists stays as it is. Throws an
 * `EmbeddedError` that names the path. (Node's own `recursive: true` never returns for some paths in
 * /proc.)
 */
export function makeDir(path: string, mode: number): void {
  try {
    makeWithParents(path, mode);
  } catch (error) {
    throw fileError('create the folder', path, error);
  }
}

function makeWithParents(path: string, mode: number): void {
  if (make(path, mode)) return;
  makeWithParents(dirname(path), mode);
  if (!make(path, mode)) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}

/** False if a folder above it is missing. */
function make(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return true;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}
