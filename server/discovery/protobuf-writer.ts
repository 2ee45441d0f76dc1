const LENGTH_DELIMITED = 2;
const FIXED_64 = 1;
const VARINT = 0;

/** Writes the fields of one protobuf message. What is undefined is left out. */
export class ProtobufWriter {
  readonly #parts: Buffer[] = [];

  text(number: number, value: unknown): this {
    return typeof value === 'string' ? this.bytes(number, Buffer.from(value)) : this;
  }

  texts(number: number, values: unknown): this {
    for (const value of Array.isArray(values) ? values : []) this.text(number, value);
    return this;
  }

  bool(number: number, value: unknown): this {
    if (value === true) this.#parts.push(varint(number * 8 + VARINT), varint(1));
    return this;
  }

  /** From 0 up. */
  int(number: number, value: unknown): this {
    if (!Number.isSafeInteger(value) || (value as number) < 0) return this;
    this.#parts.push(varint(number * 8 + VARINT), varint(value as number));
    return this;
  }

  double(number: number, value: unknown): this {
    if (typeof value !== 'number') return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#parts.push(varint(number * 8 + FIXED_64), bytes);
    return this;
  }

  bytes(number: number, value: Buffer | undefined): this {
    if (value === undefined) return this;
    this.#parts.push(varint(number * 8 + LENGTH_DELIMITED), varint(value.length), value);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
