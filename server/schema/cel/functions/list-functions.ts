import { CelError, noSuchOverload } from '../cel-error.js';
import type { FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import { STEPS_PER_KEY } from '../cost-meter.js';
import { equals } from '../equality.js';
import { compare } from '../comparison.js';
import type { CelValue } from '../values.js';
import { durationOf } from '../time-values.js';
import { CelList, CelMap, Duration, UInt, int64 } from '../values.js';
import { characterCount } from './string-functions.js';
import { listAt } from './arguments.js';

const SUMMABLE = ['int', 'uint', 'double', 'duration'];
const COMPARABLE = [...SUMMABLE, 'string', 'bool', 'bytes', 'timestamp'];

/** `size`, and the list functions that Kubernetes adds to CEL. */
export const listFunctions: FunctionLibrary = {
  signatures: [
    ...['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => [
      `size(${type}): int`,
      `.size(${type}): int`,
    ]),
    ...COMPARABLE.flatMap((type) => [
      `.isSorted(list<${type}>): bool`,
      `.min(list<${type}>): ${type}`,
      `.max(list<${type}>): ${type}`,
    ]),
    ...SUMMABLE.map((type) => `.sum(list<${type}>): ${type}`),
    '.indexOf(list<A>, A): int',
    '.lastIndexOf(list<A>, A): int',
  ],
  functions: {
    'size/1': size,
    '.size/0': size,
    '.isSorted/0': (args, meter) => {
      const list = listAt(args, 0);
      for (let index = 1; index < list.size; index++) {
        if (compare(list.at(index - 1, meter), list.at(index, meter), meter) > 0) return false;
      }
      return true;
    },
    '.sum/0': (args, meter) => sum(listAt(args, 0), meter),
    '.min/0': (args, meter) => extreme(listAt(args, 0), -1, 'min', meter),
    '.max/0': (args, meter) => extreme(listAt(args, 0), 1, 'max', meter),
    '.indexOf/1': (args, meter) => {
      const list = listAt(args, 0);
      for (let index = 0; index < list.size; index++) {
        if (equals(list.at(index, meter), args[1] ?? null, meter)) return BigInt(index);
      }
      return -1n;
    },
    '.lastIndexOf/1': (args, meter) => {
      const list = listAt(args, 0);
      for (let index = list.size - 1; index >= 0; index--) {
        if (equals(list.at(index, meter), args[1] ?? null, meter)) return BigInt(index);
      }
      return -1n;
    },
  },
};

function size([value = null]: readonly CelValue[], meter: CostMeter): CelValue {
  if (typeof value === 'string') {
    meter.spendText(value.length);
    return BigInt(characterCount(value));
  }
  if (value instanceof CelMap) {
    const { size } = value;
    meter.spend(1 + size * STEPS_PER_KEY);
    return BigInt(size);
  }
  if (value instanceof CelList) return BigInt(value.size);
  if (value instanceof Uint8Array) return BigInt(value.length);
  throw noSuchOverload();
}

function sum(list: CelList, meter: CostMeter): CelValue {
  let total: CelValue | undefined;
  for (const item of list.items(meter)) {
    total = total === undefined ? item : plus(total, item);
  }
  // Nothing says of which type an empty list is; zero equals zero of every number type.
  return total ?? 0n;
}

function plus(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int64(a + b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof UInt && b instanceof UInt) return new UInt(a.value + b.value);
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos + b.nanos);
  throw noSuchOverload();
}

function extreme(list: CelList, sign: 1 | -1, name: string, meter: CostMeter): CelValue {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0, meter);
  for (const item of list.items(meter)) if (compare(item, best, meter) * sign > 0) best = item;
  return best;
}
