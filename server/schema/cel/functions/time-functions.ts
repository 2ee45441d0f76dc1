import { CelError, noSuchOverload } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CelValue } from '../values.js';
import { Duration, Timestamp } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

const NANOS_PER_MS = 1_000_000n;
const MS_PER_DAY = 86_400_000;
/** Looking up a time zone takes about as long as this many steps. */
const ZONE_STEPS = 4_000;

const PARTS: Readonly<Record<string, (time: Date) => number>> = {
  getFullYear: (time) => time.getUTCFullYear(),
  getMonth: (time) => time.getUTCMonth(),
  getDate: (time) => time.getUTCDate(),
  getDayOfMonth: (time) => time.getUTCDate() - 1,
  getDayOfWeek: (time) => time.getUTCDay(),
  getDayOfYear: (time) =>
    Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / MS_PER_DAY),
  getHours: (time) => time.getUTCHours(),
  getMinutes: (time) => time.getUTCMinutes(),
  getSeconds: (time) => time.getUTCSeconds(),
  getMilliseconds: (time) => time.getUTCMilliseconds(),
};
const NANOS_PER: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: NANOS_PER_MS,
};

/** CEL's parts of times, in UTC or a named zone, and of durations. */
export const timeFunctions: FunctionLibrary = {
  signatures: [
    ...Object.keys(PARTS).flatMap((name) => [
      `.${name}(timestamp): int`,
      `.${name}(timestamp, string): int`,
    ]),
    ...Object.keys(NANOS_PER).map((name) => `.${name}(duration): int`),
  ],
  functions: Object.fromEntries(
    Object.entries(PARTS).flatMap(([name, part]): [string, CelFunction][] => [
      [`.${name}/0`, ([value = null]) => partOf(value, name, part)],
      [
        `.${name}/1`,
        (args, meter) => {
          meter.spend(ZONE_STEPS);
          const time = instanceAt(args, 0, Timestamp);
          return BigInt(part(inZone(time, stringAt(args, 1))));
        },
      ],
    ]),
  ),
};

function partOf(value: CelValue, name: string, part: (time: Date) => number): bigint {
  if (value instanceof Timestamp) return BigInt(part(dateOf(value)));
  const unit = NANOS_PER[name];
  if (value instanceof Duration && unit !== undefined) return value.nanos / unit;
  throw noSuchOverload();
}

function dateOf({ nanos }: Timestamp): Date {
  const ms = nanos / NANOS_PER_MS;
  return new Date(Number(nanos % NANOS_PER_MS < 0n ? ms - 1n : ms));
}

/** A date whose UTC parts are what a clock in the zone shows. */
function inZone(time: Timestamp, zone: string): Date {
  const date = dateOf(time);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(date.getTime() + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  try {
    const text = date.toLocaleString('sv-SE', { timeZone: zone });
    return new Date(Date.parse(`${text.replace(' ', 'T')}Z`) + (date.getTime() % 1000));
  } catch {
    throw new CelError('unknown time zone', zone.slice(0, 100));
  }
}
