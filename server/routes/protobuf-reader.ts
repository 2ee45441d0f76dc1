import { badRequest } from '../api-errors.js';

/** Reads the fields of one protobuf message, in order. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /**
   * The next field: a number for varints and fixed widths, bytes for everything with a length.
   *
   * @throws ApiError BadRequest when the message is cut off or of another wire type.
   */
  field(): { readonly number: number; readonly value: Buffer | number } {
    const tag = this.#varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        return { number, value: this.#varint() };
      case 1:
        return { number, value: Number(this.#take(8).readBigInt64LE()) };
      case 2:
        return { number, value: this.#take(this.#varint()) };
      case 5:
        return { number, value: this.#take(4).readInt32LE() };
      default:
        throw badRequest('the protobuf has a wire type that is not known');
    }
  }

  #take(length: number): Buffer {
    const end = this.#position + length;
    if (length < 0 || end > this.#bytes.length) throw badRequest('the protobuf is cut off');
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  /** Up to 64 bits, signed as int64; exact up to 2^53. */
  #varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = this.#take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw badRequest('the protobuf has a number of more than 64 bits');
  }
}
