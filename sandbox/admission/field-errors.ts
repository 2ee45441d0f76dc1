import type { FieldError, FieldErrorReason } from '../../server/api-errors.js';

/** Collects what is wrong with an object's fields, in Kubernetes' words. */
export class FieldErrors {
  readonly #list: FieldError[] = [];

  /** The faults found so far, in the order in which they were found. */
  get list(): readonly FieldError[] {
    return this.#list;
  }

  /** Faults that others found. */
  add(faults: readonly FieldError[]): void {
    this.#list.push(...faults);
  }

  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, `Required value${detail === '' ? '' : `: ${detail}`}`);
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${JSON.stringify(value)}: ${detail}`);
  }

  /** For messages that are not built from one value. */
  invalidText(field: string, message: string): void {
    this.#add('FieldValueInvalid', field, message);
  }

  unsupported(field: string, value: unknown, supported: readonly string[]): void {
    const list = supported.map((item) => `"${item}"`).join(', ');
    this.#add(
      'FieldValueNotSupported',
      field,
      `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
    );
  }

  duplicate(field: string, value: unknown): void {
    this.#add('FieldValueDuplicate', field, `Duplicate value: ${JSON.stringify(value)}`);
  }

  notFound(field: string, value: unknown): void {
    this.#add('FieldValueInvalid', field, `Not found: ${JSON.stringify(value)}`);
  }

  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, `Forbidden: ${detail}`);
  }

  #add(reason: FieldErrorReason, field: string, message: string): void {
    this.#list.push({ reason, field, message });
  }
}
