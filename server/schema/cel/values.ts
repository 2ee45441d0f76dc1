import { CelError } from './cel-error.js';
import type { Cidr, IpAddress } from './ip-address.js';

/**
 * A value of an expression: int is bigint, double is number. What comes from an object is read when
 * it is asked for, so that a rule pays for what it looks at and not for the object's size.
 */
export type CelValue =
  | null
  | boolean
  | bigint
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
  | Cidr;

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);

/** @throws CelError when the number is not one of 64 bits. */
export function int64(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new CelError('integer overflow');
  return value;
}

export interface ListMerge {
  /** `set`: order does not matter. `map`: items are told apart by these fields. */
  readonly type: 'set' | 'map';
  readonly keys: readonly string[];
}

export class CelList {
  readonly #items: readonly unknown[];
  readonly #read: ((item: unknown) => CelValue) | undefined;
  /** How `==` and `+` treat it; undefined for an ordinary list. */
  readonly merge: ListMerge | undefined;

  /** `read` turns an item into a value; without it the items are values. */
  constructor(items: readonly unknown[], read?: (item: unknown) => CelValue, merge?: ListMerge) {
    this.#items = items;
    this.#read = read;
    this.merge = merge;
  }

  get size(): number {
    return this.#items.length;
  }

  /** @throws CelError when there is no such item. */
  at(index: number): CelValue {
    if (!Number.isInteger(index) || index < 0 || index >= this.#items.length) {
      throw new CelError('index out of bounds', String(index));
    }
    const item = this.#items[index];
    return this.#read === undefined ? (item as CelValue) : this.#read(item);
  }

  *[Symbol.iterator](): Generator<CelValue> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }
}

/** A map, or an object with the fields that its schema names. */
export abstract class CelMap {
  abstract get size(): number;
  /** Undefined when there is no such key. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): readonly CelValue[];
}

/** A map that the expression itself made. */
export class LiteralMap extends CelMap {
  readonly #entries: ReadonlyMap<CelValue, CelValue>;

  constructor(entries: ReadonlyMap<CelValue, CelValue>) {
    super();
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const wanted = typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
    return this.#entries.get(wanted);
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.keys()];
  }
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

export class Url {
  readonly url: URL;
  /** A path alone, such as `/a?b`: the rest of `url` means nothing. */
  readonly isPath: boolean;
  constructor(url: URL, isPath: boolean) {
    this.url = url;
    this.isPath = isPath;
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
  if (typeof value === 'object') return 'prefixLength' in value ? 'net.CIDR' : 'net.IP';
  return TYPE_OF_PRIMITIVE[typeof value] ?? 'unknown';
}
