import type { CostMeter } from './cost-meter.js';
import { STEPS_PER_KEY } from './cost-meter.js';
import { Cidr, IpAddress } from './ip-address.js';
import { Url } from './url-value.js';
import type { CelValue } from './values.js';
import {
  CelList,
  CelMap,
  Duration,
  NamedFormat,
  OptionalValue,
  Quantity,
  Timestamp,
  TypeValue,
  numberOf,
} from './values.js';

/** CEL's `==`: values of different types are different, but numbers compare as numbers. */
export function equals(a: CelValue, b: CelValue, meter: CostMeter): boolean {
  meter.spend(3);
  if (typeof a === 'string' && typeof b === 'string') {
    meter.spendText(Math.min(a.length, b.length));
    return a === b;
  }
  if (a === b) return true;
  const left = numberOf(a);
  const right = numberOf(b);
  // JavaScript compares bigint and number as numbers, exactly.
  // oxlint-disable-next-line eqeqeq
  if (left !== undefined && right !== undefined) return left == right;
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b, meter);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b, meter);
  if (a instanceof OptionalValue) {
    if (!(b instanceof OptionalValue)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equals(a.value, b.value, meter);
  }
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array)) return false;
    meter.spendText(Math.min(a.length, b.length));
    return Buffer.compare(a, b) === 0;
  }
  return equalOpaque(a, b);
}

function equalOpaque(a: CelValue, b: CelValue): boolean {
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Quantity) return b instanceof Quantity && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.typeName === b.typeName;
  if (a instanceof Url) return b instanceof Url && a.text === b.text;
  if (a instanceof NamedFormat) return b instanceof NamedFormat && a.name === b.name;
  if (a instanceof IpAddress) return b instanceof IpAddress && a.text === b.text;
  if (a instanceof Cidr) {
    return b instanceof Cidr && a.ip.text === b.ip.text && a.prefixLength === b.prefixLength;
  }
  return false;
}

function equalLists(a: CelList, b: CelList, meter: CostMeter): boolean {
  if (a.size !== b.size) return false;
  if (a.merge === undefined) {
    for (let index = 0; index < a.size; index++) {
      if (!equals(a.at(index, meter), b.at(index, meter), meter)) return false;
    }
    return true;
  }
  // Sets and list-maps have no order: each item has its equal somewhere.
  for (const item of a.items(meter)) if (!includes(b, item, meter)) return false;
  return true;
}

function equalMaps(a: CelMap, b: CelMap, meter: CostMeter): boolean {
  meter.spend((a.size + b.size) * STEPS_PER_KEY);
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const left = a.get(key, meter);
    const right = b.get(key, meter);
    if (left === undefined || right === undefined || !equals(left, right, meter)) return false;
  }
  return true;
}

/** True when an item of the list equals the value. */
export function includes(list: CelList, value: CelValue, meter: CostMeter): boolean {
  for (const item of list.items(meter)) if (equals(item, value, meter)) return true;
  return false;
}

/** True when two items of a list-map have the same keys. */
export function hasSameKeys(
  a: CelValue,
  b: CelValue,
  keys: readonly string[],
  meter: CostMeter,
): boolean {
  if (!(a instanceof CelMap) || !(b instanceof CelMap)) return false;
  return keys.every((key) => {
    const left = a.get(key, meter);
    const right = b.get(key, meter);
    return left === undefined || right === undefined ? left === right : equals(left, right, meter);
  });
}
