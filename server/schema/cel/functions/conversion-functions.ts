import { CelError, noSuchOverload } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import { STEPS_PER_TIME } from '../cost-meter.js';
import { Cidr, IpAddress } from '../ip-address.js';
import { parseDuration, parseTimestamp, timestampOf } from '../time-values.js';
import type { CelValue } from '../values.js';
import { Duration, Timestamp, TypeValue, UInt, int64, numberOf, typeNameOf } from '../values.js';
import { valueText } from './format-string.js';

const NANOS_PER_SECOND = 1_000_000_000n;
const BOOLS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'false', 'FALSE', 'False'].map((text) => [text, false])),
};
const DOUBLE = /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|infinity|nan)$/i;
const CONVERSIBLE: Readonly<Record<string, readonly string[]>> = {
  bool: ['bool', 'string'],
  bytes: ['bytes', 'string'],
  double: ['double', 'int', 'uint', 'string'],
  duration: ['duration', 'string'],
  int: ['int', 'uint', 'double', 'string', 'timestamp'],
  string: ['string', 'bool', 'int', 'uint', 'double', 'bytes', 'timestamp', 'duration'],
  timestamp: ['timestamp', 'string', 'int'],
  uint: ['uint', 'int', 'double', 'string'],
};
const MAX_NUMBER_LENGTH = 400;

/** CEL's conversions between types. */
export const conversionFunctions: FunctionLibrary = {
  signatures: Object.entries(CONVERSIBLE)
    .flatMap(([result, types]) => types.map((type) => `${result}(${type}): ${result}`))
    .concat('dyn(A): dyn', 'type(A): type<A>'),
  functions: {
    'dyn/1': ([value = null]) => value,
    'type/1': ([value = null]) => new TypeValue(typeNameOf(value)),
    'string/1': ([value = null], meter) => {
      if (value === null || value instanceof TypeValue) throw noSuchOverload();
      if (typeof value === 'object' && !isTextual(value)) throw noSuchOverload();
      return valueText(value, meter);
    },
    'bytes/1': ([value = null], meter) => {
      if (value instanceof Uint8Array) return value;
      if (typeof value !== 'string') throw noSuchOverload();
      meter.spendText(value.length);
      return Buffer.from(value);
    },
    'bool/1': ([value = null]) => {
      if (typeof value === 'boolean') return value;
      if (typeof value !== 'string') throw noSuchOverload();
      return (
        (Object.hasOwn(BOOLS, value) ? BOOLS[value] : undefined) ?? notConverted(value, 'bool')
      );
    },
    'int/1': ([value = null]) => toInt(value),
    'uint/1': ([value = null]) => toUInt(value),
    'double/1': ([value = null]) => {
      const number = numberOf(value);
      if (number !== undefined) return Number(number);
      if (typeof value !== 'string') throw noSuchOverload();
      if (value.length > MAX_NUMBER_LENGTH || !DOUBLE.test(value))
        return notConverted(value, 'double');
      return /[a-df-z]/i.test(value) ? namedDouble(value) : Number(value);
    },
    'timestamp/1': ([value = null], meter) => {
      meter.spend(STEPS_PER_TIME);
      if (value instanceof Timestamp) return value;
      if (typeof value === 'bigint') return timestampOf(value * NANOS_PER_SECOND);
      if (typeof value !== 'string') throw noSuchOverload();
      return parseTimestamp(value) ?? notConverted(value, 'timestamp');
    },
    'duration/1': ([value = null], meter) => {
      meter.spend(STEPS_PER_TIME);
      if (value instanceof Duration) return value;
      if (typeof value !== 'string') throw noSuchOverload();
      return parseDuration(value) ?? notConverted(value, 'duration');
    },
  } satisfies Record<string, CelFunction>,
};

function isTextual(value: object): boolean {
  return (
    value instanceof Uint8Array ||
    value instanceof Timestamp ||
    value instanceof Duration ||
    value instanceof UInt ||
    value instanceof IpAddress ||
    value instanceof Cidr
  );
}

function toInt(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CelError('integer overflow');
    return int64(BigInt(Math.trunc(value)));
  }
  if (value instanceof UInt) return int64(value.value);
  if (value instanceof Timestamp) return secondsOf(value);
  if (typeof value !== 'string') throw noSuchOverload();
  return /^[+-]?\d{1,20}$/.test(value)
    ? int64(BigInt(value.replace('+', '')))
    : notConverted(value, 'int');
}

function toUInt(value: CelValue): UInt {
  if (value instanceof UInt) return value;
  if (typeof value === 'bigint') return new UInt(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CelError('unsigned integer overflow');
    return new UInt(BigInt(Math.trunc(value)));
  }
  if (typeof value !== 'string') throw noSuchOverload();
  return /^\d{1,20}$/.test(value) ? new UInt(BigInt(value)) : notConverted(value, 'uint');
}

/** Whole seconds, counted down before 1970 too. */
function secondsOf({ nanos }: Timestamp): bigint {
  const rest = nanos % NANOS_PER_SECOND;
  return (nanos - rest) / NANOS_PER_SECOND - (rest < 0n ? 1n : 0n);
}

function namedDouble(text: string): number {
  if (/nan/i.test(text)) return NaN;
  return text.startsWith('-') ? -Infinity : Infinity;
}

function notConverted(value: string, type: string): never {
  const shown = JSON.stringify(value.slice(0, 100));
  throw new CelError(`type conversion error from 'string' to '${type}'`, shown);
}
