import { noSuchOverload } from '../cel-error.js';
import type { CelValue } from '../values.js';
import { CelList } from '../values.js';

type Class<T> = abstract new (...args: never[]) => T;

/** @throws CelError `no such overload` unless the argument is a string. */
export function stringAt(args: readonly CelValue[], index: number): string {
  const value = args[index];
  if (typeof value !== 'string') throw noSuchOverload();
  return value;
}

/** An int as a number that can index: what does not fit exactly is far outside of every list. */
export function indexAt(args: readonly CelValue[], index: number): number {
  const value = args[index];
  if (typeof value !== 'bigint') throw noSuchOverload();
  return Number(value);
}

export function listAt(args: readonly CelValue[], index: number): CelList {
  return instanceAt(args, index, CelList);
}

export function instanceAt<T>(args: readonly CelValue[], index: number, type: Class<T>): T {
  const value = args[index];
  if (value instanceof type) return value;
  throw noSuchOverload();
}
