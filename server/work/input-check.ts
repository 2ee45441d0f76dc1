import type { StatusCause } from '../../sdk/api/errors.js';
import { ApiError } from '../../sdk/api/errors.js';
import { isStorableText } from '../schema/storable-text.js';

/** One field of a request body, with its path for messages: `keys[0].uid`. */
export class InputField {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path = '') {
    this.#value = value;
    this.#path = path;
  }

  get isAbsent(): boolean {
    return this.#value === undefined;
  }

  /** A field of this object. @throws ApiError BadRequest when this is no object. */
  field(name: string): InputField {
    const fields = this.object();
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return new InputField(value, this.#path === '' ? name : `${this.#path}.${name}`);
  }

  object(): Record<string, unknown> {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.refuse('must be an object');
    }
    return value as Record<string, unknown>;
  }

  /** The items, at most `maxItems`. */
  list(maxItems: number): InputField[] {
    if (!Array.isArray(this.#value)) throw this.refuse('must be a list');
    if (this.#value.length > maxItems) throw this.refuse(`must have at most ${maxItems} items`);
    return this.#value.map((item, index) => new InputField(item, `${this.#path}[${index}]`));
  }

  /** Text of 1 to `maxLength` characters, each of which can be stored. */
  text(maxLength = 512): string {
    const value = this.#value;
    if (typeof value !== 'string' || value === '' || value.length > maxLength) {
      throw this.refuse(`must be text of 1 to ${maxLength} characters`);
    }
    if (!isStorableText(value)) throw this.refuse('must not contain the character U+0000');
    return value;
  }

  integer(min: number, max: number): number {
    const value = this.#value;
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      throw this.refuse(`must be a whole number from ${min} to ${max}`);
    }
    return value as number;
  }

  /** The version of a revision, as the wire has it. */
  version(): string {
    const value = this.#value;
    if (typeof value !== 'string' || !/^\d{1,15}$/.test(value))
      throw this.refuse('must be a version');
    return value;
  }

  /** One of these words. */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    const word = words.find((each) => each === this.#value);
    if (word === undefined) throw this.refuse(`must be one of ${words.join(', ')}`);
    return word;
  }

  flag(): boolean {
    if (typeof this.#value !== 'boolean') throw this.refuse('must be true or false');
    return this.#value;
  }

  /** What `read` makes of the field; undefined when it is absent. */
  optional<T>(read: (field: InputField) => T): T | undefined {
    return this.isAbsent ? undefined : read(this);
  }

  /** The error that refuses this field. */
  refuse(message: string): ApiError {
    const field = this.#path === '' ? 'the body' : this.#path;
    const cause: StatusCause = { field: this.#path, message };
    return new ApiError('BadRequest', `${field} ${message}`, { details: { causes: [cause] } });
  }
}
