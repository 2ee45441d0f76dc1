import { CelError, noSuchOverload } from './cel-error.js';
import { compare } from './comparison.js';
import type { CostMeter } from './cost-meter.js';
import { equals, hasSameKeys, includes } from './equality.js';
import { durationOf, timestampOf } from './time-values.js';
import type { CelValue } from './values.js';
import {
  CelList,
  CelMap,
  Duration,
  OptionalValue,
  Timestamp,
  UInt,
  int64,
  numberOf,
} from './values.js';

export type BinaryOperation = (a: CelValue, b: CelValue, meter: CostMeter) => CelValue;

/** CEL's operators but for `&&`, `||` and `?:`, which do not always look at both sides. */
export const binaryOperators: Readonly<Record<string, BinaryOperation>> = {
  '==': equals,
  '!=': (a, b, meter) => !equals(a, b, meter),
  '<': (a, b, meter) => compare(a, b, meter) < 0,
  '<=': (a, b, meter) => compare(a, b, meter) <= 0,
  '>': (a, b, meter) => compare(a, b, meter) > 0,
  '>=': (a, b, meter) => compare(a, b, meter) >= 0,
  '+': add,
  '-': subtract,
  '*': numeric(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  '/': numeric(
    (a, b) => a / nonZero(b, 'division by zero'),
    (a, b) => a / b,
  ),
  '%': numeric((a, b) => a % nonZero(b, 'modulus by zero')),
  '[]': elementOf,
  '[?]': optionalElement,
  in: (value, range, meter) => {
    if (range instanceof CelList) return includes(range, value, meter);
    if (range instanceof CelMap) return range.get(value, meter) !== undefined;
    throw noSuchOverload();
  },
};

export function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return int64(-value);
  if (typeof value === 'number') return -value;
  throw noSuchOverload();
}

/** `value.name`. Of an optional value, an optional one. */
export function fieldOf(value: CelValue, name: string, meter: CostMeter): CelValue {
  if (value instanceof OptionalValue) return optionalElement(value, name, meter);
  if (value instanceof CelMap) return entryOf(value, name, meter);
  throw noSuchOverload();
}

/** `value[key]`. */
export function elementOf(value: CelValue, key: CelValue, meter: CostMeter): CelValue {
  if (value instanceof OptionalValue) return optionalElement(value, key, meter);
  if (value instanceof CelMap) return entryOf(value, key, meter);
  if (!(value instanceof CelList)) throw noSuchOverload();
  const index = numberOf(key);
  if (index === undefined) throw noSuchOverload();
  return value.at(Number(index), meter);
}

/** `value.?name` and `value[?key]`: an optional value, empty when there is none. */
export function optionalElement(value: CelValue, key: CelValue, meter: CostMeter): OptionalValue {
  const inner = value instanceof OptionalValue ? value.value : value;
  if (inner === undefined) return new OptionalValue();
  if (inner instanceof CelMap) return new OptionalValue(inner.get(key, meter));
  if (!(inner instanceof CelList)) throw noSuchOverload();
  const number = numberOf(key);
  if (number === undefined) throw noSuchOverload();
  const index = Number(number);
  return index >= 0 && index < inner.size
    ? new OptionalValue(inner.at(index, meter))
    : new OptionalValue();
}

/** What `has(value.name)` says. */
export function hasField(value: CelValue, name: string, meter: CostMeter): boolean {
  const inner = value instanceof OptionalValue ? value.value : value;
  if (inner === undefined) return false;
  if (inner instanceof CelMap) return inner.get(name, meter) !== undefined;
  throw noSuchOverload();
}

function entryOf(map: CelMap, key: CelValue, meter: CostMeter): CelValue {
  const value = map.get(key, meter);
  if (value !== undefined) return value;
  const isPlain = typeof key === 'string' || typeof key === 'bigint';
  throw new CelError('no such key', isPlain ? String(key).slice(0, 200) : '');
}

function nonZero(value: bigint, reason: string): bigint {
  if (value === 0n) throw new CelError(reason);
  return value;
}

function numeric(
  ofInts: (a: bigint, b: bigint) => bigint,
  ofDoubles?: (a: number, b: number) => number,
): BinaryOperation {
  return (a, b) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return int64(ofInts(a, b));
    if (a instanceof UInt && b instanceof UInt) return new UInt(ofInts(a.value, b.value));
    if (typeof a === 'number' && typeof b === 'number' && ofDoubles !== undefined) {
      return ofDoubles(a, b);
    }
    throw noSuchOverload();
  };
}

const addNumbers = numeric(
  (a, b) => a + b,
  (a, b) => a + b,
);
const subtractNumbers = numeric(
  (a, b) => a - b,
  (a, b) => a - b,
);

function add(a: CelValue, b: CelValue, meter: CostMeter): CelValue {
  if (typeof a === 'string' && typeof b === 'string') {
    meter.spendText(a.length + b.length);
    return a + b;
  }
  if (a instanceof CelList && b instanceof CelList) return concat(a, b, meter);
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos + b.nanos);
  if (a instanceof Timestamp && b instanceof Duration) return timestampOf(a.nanos + b.nanos);
  if (a instanceof Duration && b instanceof Timestamp) return timestampOf(a.nanos + b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    meter.spendText(a.length + b.length);
    return Buffer.concat([a, b]);
  }
  return addNumbers(a, b, meter);
}

function subtract(a: CelValue, b: CelValue, meter: CostMeter): CelValue {
  if (a instanceof Timestamp && b instanceof Timestamp) return durationOf(a.nanos - b.nanos);
  if (a instanceof Timestamp && b instanceof Duration) return timestampOf(a.nanos - b.nanos);
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos - b.nanos);
  return subtractNumbers(a, b, meter);
}

/** Sets are united; in list-maps the items of `b` replace those of `a` with the same keys. */
function concat(a: CelList, b: CelList, meter: CostMeter): CelList {
  const items = [...a.items(meter)];
  const { merge } = a;
  for (const item of b.items(meter)) {
    if (merge?.type === 'map') {
      const index = items.findIndex((one) => hasSameKeys(one, item, merge.keys, meter));
      if (index >= 0) items[index] = item;
      else items.push(item);
    } else if (merge === undefined || !includes(a, item, meter)) {
      items.push(item);
    }
  }
  return new CelList(items, undefined, merge);
}
