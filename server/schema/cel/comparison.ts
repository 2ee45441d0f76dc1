import { noSuchOverload } from './cel-error.js';
import type { CostMeter } from './cost-meter.js';
import type { CelValue } from './values.js';
import { Duration, Timestamp, numberOf } from './values.js';

/**
 * Negative, zero or positive; NaN where neither is first.
 *
 * @throws CelError for values that have no order between them.
 */
export function compare(a: CelValue, b: CelValue, meter: CostMeter): number {
  meter.spend(1);
  if (typeof a === 'string' && typeof b === 'string') {
    meter.spendText(Math.min(a.length, b.length));
    return compareText(a, b);
  }
  const left = numberOf(a);
  const right = numberOf(b);
  if (left !== undefined && right !== undefined) {
    if (left < right) return -1;
    if (left > right) return 1;
    return Number.isNaN(left) || Number.isNaN(right) ? NaN : 0;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return order(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return order(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    meter.spendText(Math.min(a.length, b.length));
    return Buffer.compare(a, b);
  }
  throw noSuchOverload();
}

function order(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** By code points, as Go compares; JavaScript's `<` differs where characters are surrogate pairs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const isLeftPair = left >= 0xd800 && left <= 0xdfff;
    const isRightPair = right >= 0xd800 && right <= 0xdfff;
    if (isLeftPair !== isRightPair) return isLeftPair ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
