import { CelError } from './cel-error.js';
import { Duration, MAX_INT, MIN_INT, Timestamp } from './values.js';

const NANOS_PER_MS = 1_000_000n;
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/;
const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: NANOS_PER_MS,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const MAX_DURATION_LENGTH = 100;

/** The years that a timestamp may have in CEL: 1 to 9999. */
const MIN_TIME = BigInt(Date.parse('0001-01-01T00:00:00Z')) * NANOS_PER_MS;
const MAX_TIME = BigInt(Date.parse('+010000-01-01T00:00:00Z')) * NANOS_PER_MS;

/** @throws CelError when the time is not one of the years 1 to 9999. */
export function timestampOf(nanos: bigint): Timestamp {
  if (nanos < MIN_TIME || nanos >= MAX_TIME) throw new CelError('timestamp overflow');
  return new Timestamp(nanos);
}

/** @throws CelError when the nanoseconds are not an int of 64 bits: about 292 years. */
export function durationOf(nanos: bigint): Duration {
  if (nanos > MAX_INT || nanos < MIN_INT) throw new CelError('duration overflow');
  return new Duration(nanos);
}

/** An RFC 3339 time, or undefined. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = text.length > 64 ? null : RFC3339.exec(text);
  if (match === null) return undefined;
  const fraction = match[7] ?? '';
  const ms = Date.parse(text.toUpperCase().replace(/\.\d+/, ''));
  if (
    Number.isNaN(ms) ||
    new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() !== Number(match[3])
  ) {
    return undefined;
  }
  const nanos = BigInt(ms) * NANOS_PER_MS + BigInt(fraction.padEnd(9, '0') || '0');
  return nanos < MIN_TIME ? undefined : new Timestamp(nanos);
}

/** A day, `2026-01-31`, as its first moment. */
export function parseDate(text: string): Timestamp | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
}

/** A duration as Go writes it, `1h30m` or `-1.5s`, or undefined. */
export function parseDuration(text: string): Duration | undefined {
  if (text.length > MAX_DURATION_LENGTH) return undefined;
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return new Duration(0n);
  const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
  let nanos = 0n;
  if (rest === '') return undefined;
  while (part.lastIndex < rest.length) {
    const match = part.exec(rest);
    const [, whole = '', fraction = '', unit = ''] = match ?? [];
    const size = NANOS_PER_UNIT[unit];
    if (size === undefined || whole + fraction === '') return undefined;
    nanos += BigInt(whole || '0') * size;
    nanos += (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  const signed = sign === '-' ? -nanos : nanos;
  return signed > MAX_INT || signed < MIN_INT ? undefined : new Duration(signed);
}

/** As cel-go writes it: `5400s`, `0.5s`. */
export function durationText({ nanos }: Duration): string {
  return `${decimalText(nanos, 9)}s`;
}

export function timestampText({ nanos }: Timestamp): string {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const whole = new Date(Number((nanos - fraction) / NANOS_PER_MS)).toISOString().slice(0, 19);
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return digits === '' ? `${whole}Z` : `${whole}.${digits}Z`;
}

/** `value / 10^digits` without zeros at the end. */
function decimalText(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = String(value < 0n ? -value : value).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  const whole = text.slice(0, -digits);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
