import { CelError } from '../cel-error.js';
import type { CostMeter } from '../cost-meter.js';
import { STEPS_PER_TIME } from '../cost-meter.js';
import { Cidr, IpAddress } from '../ip-address.js';
import { durationText, timestampText } from '../time-values.js';
import type { CelValue } from '../values.js';
import { CelList, CelMap, Duration, Timestamp, TypeValue, UInt } from '../values.js';

const VERB = /%(?:%|(?:\.(\d{1,3}))?([a-zA-Z]))/g;
const MAX_PRECISION = 100;

/** `'%s has %d'.format([...])` as in cel-go: the verbs s, d, f, e, x, X, o and b. */
export function formatString(template: string, values: CelList, meter: CostMeter): string {
  meter.spendText(template.length);
  let used = 0;
  return template.replace(VERB, (verb, precision: string | undefined, letter?: string) => {
    if (letter === undefined) return '%';
    if (used >= values.size) throw new CelError('index out of range', String(used));
    const digits = precision === undefined ? 6 : Math.min(Number(precision), MAX_PRECISION);
    return formatted(values.at(used++, meter), letter, digits, meter, verb);
  });
}

function formatted(
  value: CelValue,
  letter: string,
  digits: number,
  meter: CostMeter,
  verb: string,
): string {
  meter.spend(10);
  if (letter === 's') return valueText(value, meter);
  const int = value instanceof UInt ? value.value : value;
  if (typeof int === 'bigint') {
    const radix = { d: 10, x: 16, X: 16, o: 8, b: 2 }[letter];
    if (radix !== undefined) {
      const text = int.toString(radix);
      return letter === 'X' ? text.toUpperCase() : text;
    }
  }
  if (letter === 'd' && typeof value === 'number') return String(value);
  if ((letter === 'f' || letter === 'e') && typeof value !== 'object') {
    const number = Number(value);
    return letter === 'f' ? number.toFixed(digits) : number.toExponential(digits);
  }
  if (letter === 'b' && typeof value === 'boolean') return value ? '1' : '0';
  if ((letter === 'x' || letter === 'X') && typeof value === 'string') {
    meter.spendText(value.length * 2);
    const text = Buffer.from(value).toString('hex');
    return letter === 'X' ? text.toUpperCase() : text;
  }
  throw new CelError('error during formatting', `no formatting of this type for ${verb}`);
}

/** A value as text: what `%s` writes. @throws CelError for a value that has none. */
export function valueText(value: CelValue, meter: CostMeter): string {
  meter.spend(8);
  if (typeof value === 'string') {
    meter.spendText(value.length);
    return value;
  }
  if (value instanceof CelList) {
    return `[${Array.from(value.items(meter), (item) => valueText(item, meter)).join(', ')}]`;
  }
  if (value instanceof CelMap) {
    const entries = value.keys().map((key) => {
      const item = value.get(key, meter);
      return `${valueText(key, meter)}:${valueText(item ?? null, meter)}`;
    });
    return `{${entries.sort().join(', ')}}`;
  }
  if (value instanceof Uint8Array) {
    meter.spendText(value.length);
    return Buffer.from(value).toString('utf8');
  }
  if (value instanceof Timestamp || value instanceof Duration) {
    meter.spend(STEPS_PER_TIME);
    return value instanceof Timestamp ? timestampText(value) : durationText(value);
  }
  if (value instanceof TypeValue) return value.typeName;
  if (value instanceof UInt) return String(value.value);
  if (value instanceof IpAddress || value instanceof Cidr) return value.text;
  if (value === null || typeof value !== 'object') return numberText(value);
  throw new CelError('error during formatting', 'no text for this type');
}

function numberText(value: null | boolean | number | bigint): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
