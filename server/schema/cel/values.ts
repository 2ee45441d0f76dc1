import { CelError, noSuchOverload } from './cel-error.js';
import type { CostMeter } from './cost-meter.js';
import { STEPS_PER_ITEM } from './cost-meter.js';
import type { Cidr, IpAddress } from './ip-address.js';
import { Url } from './url-value.js';

/**
 * A value of an expression: int is bigint, uint is UInt, double is number. What comes from an object is read when
 * it is asked for, so that a rule pays for what it looks at and not for the object's size.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | UInt
  | number
  | string
  | Uint8Array
  | CelList
  | CelMap
  | Timestamp
  | Duration
  | OptionalValue
  | TypeValue
  | Quantity
  | Url
  | IpAddress
  | Cidr
  | NamedFormat;

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);

/** @throws CelError when the number is not one of 64 bits. */
export function int64(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new CelError('integer overflow');
  return value;
}

export const MAX_UINT = 2n ** 64n - 1n;

/** An unsigned int of 64 bits. */
export class UInt {
  readonly value: bigint;

  /** @throws CelError when the number is not one of 64 bits. */
  constructor(value: bigint) {
    if (value < 0n || value > MAX_UINT) throw new CelError('unsigned integer overflow');
    this.value = value;
  }
}

/** A number of any type as JavaScript's, to be compared; undefined for what is none. */
export function numberOf(value: CelValue): bigint | number | undefined {
  if (value instanceof UInt) return value.value;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

export interface ListMerge {
  /** `set`: order does not matter. `map`: items are told apart by these fields. */
  readonly type: 'set' | 'map';
  readonly keys: readonly string[];
}

type ReadItem = (item: unknown, meter: CostMeter) => CelValue;

export class CelList {
  readonly #items: readonly unknown[];
  readonly #read: ReadItem | undefined;
  /** How `==` and `+` treat it; undefined for an ordinary list. */
  readonly merge: ListMerge | undefined;

  /** `read` turns an item into a value; without it the items are values. */
  constructor(items: readonly unknown[], read?: ReadItem, merge?: ListMerge) {
    this.#items = items;
    this.#read = read;
    this.merge = merge;
  }

  get size(): number {
    return this.#items.length;
  }

  /** @throws CelError when there is no such item. */
  at(index: number, meter: CostMeter): CelValue {
    meter.spend(STEPS_PER_ITEM);
    if (!Number.isInteger(index) || index < 0 || index >= this.#items.length) {
      throw new CelError('index out of bounds', String(index));
    }
    const item = this.#items[index];
    return this.#read === undefined ? (item as CelValue) : this.#read(item, meter);
  }

  /** The items one after the other, each paid for. */
  *items(meter: CostMeter): Generator<CelValue> {
    for (let index = 0; index < this.size; index++) {
      yield this.at(index, meter);
    }
  }
}

/** A map, or an object with the fields that its schema names. */
export abstract class CelMap {
  abstract get size(): number;
  /** Undefined when there is no such key. */
  abstract get(key: CelValue, meter: CostMeter): CelValue | undefined;
  abstract keys(): readonly CelValue[];
}

/** A map that the expression itself made. */
export class LiteralMap extends CelMap {
  readonly #entries = new Map<CelValue, readonly [key: CelValue, value: CelValue]>();

  /** @throws CelError for a key that is there twice, or cannot be one. */
  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    for (const [key, value] of entries) {
      const plain = plainKey(key);
      if (!['string', 'bigint', 'boolean'].includes(typeof plain)) throw noSuchOverload();
      if (this.#entries.has(plain)) {
        throw new CelError('insert failed: key already exists', String(plain));
      }
      this.#entries.set(plain, [key, value]);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(plainKey(key))?.[1];
  }

  keys(): readonly CelValue[] {
    return Array.from(this.#entries.values(), ([key]) => key);
  }
}

/** Keys that are the same number are one, whatever type they have. */
function plainKey(key: CelValue): CelValue {
  if (key instanceof UInt) return key.value;
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
}

/** A point in time, in nanoseconds since the epoch. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class OptionalValue {
  readonly value: CelValue | undefined;
  constructor(value?: CelValue) {
    this.value = value;
  }
}

/** What `type(x)` gives. */
export class TypeValue {
  readonly typeName: string;
  constructor(typeName: string) {
    this.typeName = typeName;
  }
}

export class Quantity {
  /** In billionths. */
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A named format of Kubernetes, such as `dns1123Label`. */
export class NamedFormat {
  readonly name: string;
  /** What is wrong with a text; nothing when it has the format. */
  readonly faults: (text: string) => readonly string[];

  constructor(name: string, faults: (text: string) => readonly string[]) {
    this.name = name;
    this.faults = faults;
  }
}

const TYPE_OF_PRIMITIVE: Readonly<Record<string, string>> = {
  bigint: 'int',
  boolean: 'bool',
  number: 'double',
  string: 'string',
};

export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof OptionalValue) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Quantity) return 'kubernetes.Quantity';
  if (value instanceof Url) return 'kubernetes.URL';
  if (value instanceof NamedFormat) return 'kubernetes.NamedFormat';
  if (value instanceof UInt) return 'uint';
  if (typeof value === 'object') return 'prefixLength' in value ? 'net.CIDR' : 'net.IP';
  return TYPE_OF_PRIMITIVE[typeof value] ?? 'unknown';
}
