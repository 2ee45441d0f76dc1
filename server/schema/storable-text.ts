import type { FieldError } from '../api-errors.js';
import { fieldPath, itemPath } from './field-path.js';

/** NUL, and half of a surrogate pair: a database has no place for either in its text. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
const MAX_FAULTS = 10;

/** True when a database can hold the text as it is. */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/**
 * Faults for all text, keys included, that could not be stored or found again; the first ten. The
 * text itself is not part of any message.
 */
export function checkStorableText(value: unknown): FieldError[] {
  const faults: FieldError[] = [];
  check(value, '', faults);
  return faults;
}

function check(value: unknown, path: string, faults: FieldError[]): void {
  if (faults.length >= MAX_FAULTS) return;
  if (typeof value === 'string') {
    if (!isStorableText(value)) faults.push(unstorable(path, 'text'));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      // Paths are only put together where there is something below that may need one.
      if (typeof item === 'object' || typeof item === 'string') {
        check(item, itemPath(path, index), faults);
      }
    });
    return;
  }
  for (const key of Object.keys(value)) {
    if (!isStorableText(key)) {
      faults.push(unstorable(path, 'a key'));
      continue;
    }
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object') check(item, fieldPath(path, key), faults);
    else if (typeof item === 'string' && !isStorableText(item)) {
      faults.push(unstorable(fieldPath(path, key), 'text'));
    }
  }
}

function unstorable(field: string, what: 'text' | 'a key'): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field: field === '' ? '<root>' : field,
    message: `Invalid value: ${what} must not contain the character U+0000 or half of a surrogate pair`,
  };
}
