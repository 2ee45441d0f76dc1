import { badRequest } from '../api-errors.js';
import { fieldPath, itemPath } from '../schema/field-path.js';

/** Deeper than any real object, shallow enough for every recursive walk behind it. */
export const MAX_DEPTH = 100;
/** Fields and list items. Above any real object; bounds the work of schema, defaults and merging. */
export const MAX_VALUES = 60_000;

interface Level {
  /** Keys seen in an object; absent for arrays. */
  readonly keys?: Set<string>;
  /** The key or index that is being read. */
  place: string | number;
}

/**
 * Walks JSON text once, before it is parsed, and returns the paths of duplicate keys, which
 * `JSON.parse` would hide. Text that is not JSON is left for `JSON.parse` to complain about.
 *
 * @throws ApiError BadRequest for `__proto__` keys, more than 100 levels, more than `maxValues`
 * (60,000) fields and items, or a number that would become another one.
 */
export function scanJson(text: string, maxValues = MAX_VALUES): string[] {
  const duplicates: string[] = [];
  const levels: Level[] = [];
  let values = 0;
  const count = (): void => {
    if (++values > maxValues) {
      throw badRequest(`the body has more than ${maxValues} fields and list items`);
    }
  };
  let wantsKey = false;
  for (let i = 0; i < text.length; i++) {
    const level = levels.at(-1);
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (levels.length >= MAX_DEPTH) {
          throw badRequest(`the object is nested more than ${MAX_DEPTH} levels deep`);
        }
        wantsKey = text[i] === '{';
        levels.push(wantsKey ? { keys: new Set(), place: '' } : { place: 0 });
        break;
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop();
        wantsKey = false;
        break;
      case 0x2c: // ,
        if (level?.keys !== undefined) wantsKey = true;
        else if (level !== undefined) {
          level.place = Number(level.place) + 1;
          count();
        }
        break;
      case 0x22: {
        const end = endOfString(text, i);
        if (wantsKey && level?.keys !== undefined) {
          wantsKey = false;
          count();
          noteKey(level, level.keys, keyOf(text.slice(i, end + 1)), levels, duplicates);
        }
        i = end;
        break;
      }
      default:
        if (isNumeral(text.charCodeAt(i))) i = endOfNumber(text, i, levels) - 1;
    }
  }
  return duplicates;
}

function isNumeral(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39);
}

/** Any shorter number is kept as it is. */
const SHORT_NUMBER_CHARS = 15;
const NUMBER = /[-+.eE\d]+/y;

function endOfNumber(text: string, start: number, levels: readonly Level[]): number {
  NUMBER.lastIndex = start;
  const literal = NUMBER.exec(text)?.[0] ?? '';
  const isInteger = !/[.eE]/.test(literal);
  if (literal.length <= SHORT_NUMBER_CHARS && isInteger) return start + literal.length;
  if (isInteger ? !isExact(literal) : !doesNumberFit(Number(literal), false)) {
    const path = levels.reduce(appendPlace, '');
    throw badRequest(`${path}: the number ${literal.slice(0, 40)} does not fit`);
  }
  return start + literal.length;
}

/** Whether an integer is the same when it has been a 64-bit float: 1e19 in digits is, 2^53+1 is not. */
function isExact(literal: string): boolean {
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return true;
  return Number.isFinite(value) && String(BigInt(value)) === literal;
}

/** False for a number that a 64-bit float cannot hold: it would be stored as another one. */
export function doesNumberFit(value: number, isInteger = Number.isInteger(value)): boolean {
  return Number.isNaN(value) || (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value));
}

function noteKey(
  level: Level,
  seen: Set<string>,
  key: string,
  levels: readonly Level[],
  duplicates: string[],
): void {
  if (key === '__proto__') throw badRequest('the field name "__proto__" is not allowed');
  level.place = key;
  if (!seen.has(key)) seen.add(key);
  else duplicates.push(levels.reduce(appendPlace, ''));
}

function appendPlace(path: string, { place }: Level): string {
  return typeof place === 'number' ? itemPath(path, place) : fieldPath(path, place);
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return text.length;
}

function keyOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    // JSON.parse of the whole text is about to say it better.
    return literal;
  }
}
