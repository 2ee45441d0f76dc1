import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import { STEPS_PER_ITEM } from '../cost-meter.js';
import type { CelValue } from '../values.js';
import { CelList } from '../values.js';
import { formatString } from './format-string.js';
import { indexAt, listAt, stringAt } from './arguments.js';

/** The string functions of CEL and of cel-go's `ext.Strings`, counted in characters, not UTF-16. */
export const stringFunctions: FunctionLibrary = {
  signatures: [
    ...['contains', 'startsWith', 'endsWith'].map((name) => `.${name}(string, string): bool`),
    ...['lowerAscii', 'upperAscii', 'trim', 'reverse'].map((name) => `.${name}(string): string`),
    '.charAt(string, int): string',
    '.substring(string, int): string',
    '.substring(string, int, int): string',
    ...['indexOf', 'lastIndexOf'].flatMap((name) => [
      `.${name}(string, string): int`,
      `.${name}(string, string, int): int`,
    ]),
    '.split(string, string): list<string>',
    '.split(string, string, int): list<string>',
    '.replace(string, string, string): string',
    '.replace(string, string, string, int): string',
    '.join(list<string>): string',
    '.join(list<string>, string): string',
    '.format(string, list<dyn>): string',
    'strings.quote(string): string',
  ],
  functions: {
    '.contains/1': search((text, part) => text.includes(part)),
    '.startsWith/1': search((text, part) => text.startsWith(part)),
    '.endsWith/1': search((text, part) => text.endsWith(part)),
    '.lowerAscii/0': change((text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
    '.upperAscii/0': change((text) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())),
    '.trim/0': change(trim),
    '.reverse/0': change((text) => [...text].reverse().join('')),
    '.charAt/1': charAt,
    '.substring/1': (args, meter) => substring(args, meter, Infinity),
    '.substring/2': (args, meter) => substring(args, meter, indexAt(args, 2)),
    '.indexOf/1': (args, meter) => indexOf(args, meter, 0),
    '.indexOf/2': (args, meter) => indexOf(args, meter, indexAt(args, 2)),
    '.lastIndexOf/1': (args, meter) => lastIndexOf(args, meter, undefined),
    '.lastIndexOf/2': (args, meter) => lastIndexOf(args, meter, indexAt(args, 2)),
    '.split/1': (args, meter) => split(args, meter, -1),
    '.split/2': (args, meter) => split(args, meter, indexAt(args, 2)),
    '.replace/2': (args, meter) => replace(args, meter, -1),
    '.replace/3': (args, meter) => replace(args, meter, indexAt(args, 3)),
    '.join/0': (args, meter) => join(listAt(args, 0), '', meter),
    '.join/1': (args, meter) => join(listAt(args, 0), stringAt(args, 1), meter),
    'strings.quote/1': change((text) => `"${text.replace(QUOTED, escape)}"`),
    '.format/1': (args, meter) => formatString(stringAt(args, 0), listAt(args, 1), meter),
  },
};

/** As `strings.quote` writes them: what a string literal could not hold as it is. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};
// oxlint-disable-next-line no-control-regex
const QUOTED = /[\u0007\b\f\n\r\t\v\\"]/g;

function escape(character: string): string {
  return ESCAPES[character] ?? character;
}

/** How many characters a text has. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    // The second half of a pair is no character of its own.
    const isSecond = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isSecond && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) count -= 1;
  }
  return count;
}

/** A search compares, at worst, every character of the part at every place of the text. */
function spendSearch(text: string, part: string, meter: CostMeter): void {
  meter.spend(1 + (text.length >>> 4) + (text.length * part.length) / 64);
}

function search(find: (text: string, part: string) => boolean): CelFunction {
  return (args, meter) => {
    const text = stringAt(args, 0);
    const part = stringAt(args, 1);
    spendSearch(text, part, meter);
    return find(text, part);
  };
}

function change(make: (text: string) => string): CelFunction {
  return (args, meter) => {
    const text = stringAt(args, 0);
    meter.spend(1 + (text.length >>> 1));
    return make(text);
  };
}

/** Without white space around: Unicode's, which is not quite what JavaScript trims. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(character: string): boolean {
  return /^\p{White_Space}$/u.test(character);
}

function outOfRange(index: number): CelError {
  return new CelError('index out of range', String(index));
}

/** The characters of a text; the text itself where each is one unit of it. */
function characters(text: string): string | readonly string[] {
  return /[\uD800-\uDBFF]/.test(text) ? [...text] : text;
}

function charAt(args: readonly CelValue[], meter: CostMeter): string {
  const text = stringAt(args, 0);
  meter.spendText(text.length);
  const all = characters(text);
  const index = indexAt(args, 1);
  if (index < 0 || index > all.length) throw outOfRange(index);
  return all[index] ?? '';
}

function substring(args: readonly CelValue[], meter: CostMeter, givenEnd: number): string {
  const text = stringAt(args, 0);
  meter.spendText(text.length);
  const all = characters(text);
  const start = indexAt(args, 1);
  const end = givenEnd === Infinity ? all.length : givenEnd;
  if (start < 0 || start > all.length) throw outOfRange(start);
  if (end < start || end > all.length) throw outOfRange(end);
  const part = all.slice(start, end);
  return typeof part === 'string' ? part : part.join('');
}

function indexOf(args: readonly CelValue[], meter: CostMeter, from: number): bigint {
  const text = stringAt(args, 0);
  const part = stringAt(args, 1);
  spendSearch(text, part, meter);
  const all = characters(text);
  if (from < 0 || from > all.length) throw outOfRange(from);
  const unit = typeof all === 'string' ? from : all.slice(0, from).join('').length;
  const found = text.indexOf(part, unit);
  return found < 0 ? -1n : BigInt(characterCount(text.slice(0, found)));
}

function lastIndexOf(
  args: readonly CelValue[],
  meter: CostMeter,
  from: number | undefined,
): bigint {
  const text = stringAt(args, 0);
  const part = stringAt(args, 1);
  spendSearch(text, part, meter);
  const all = characters(text);
  if (from !== undefined && (from < 0 || from > all.length)) throw outOfRange(from);
  const last = from ?? all.length;
  const unit = typeof all === 'string' ? last : all.slice(0, last).join('').length;
  const found = text.lastIndexOf(part, unit);
  return found < 0 ? -1n : BigInt(characterCount(text.slice(0, found)));
}

function split(args: readonly CelValue[], meter: CostMeter, limit: number): CelList {
  const text = stringAt(args, 0);
  const separator = stringAt(args, 1);
  spendSearch(text, separator, meter);
  const parts = separator === '' ? [...text] : text.split(separator);
  meter.spend(parts.length * STEPS_PER_ITEM);
  if (limit < 0 || parts.length <= limit) return new CelList(parts);
  if (limit === 0) return new CelList([]);
  const head = parts.slice(0, limit - 1);
  return new CelList([...head, parts.slice(limit - 1).join(separator)]);
}

function replace(args: readonly CelValue[], meter: CostMeter, limit: number): string {
  const text = stringAt(args, 0);
  const old = stringAt(args, 1);
  const replacement = stringAt(args, 2);
  spendSearch(text, old, meter);
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  const times = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  meter.spend(parts.length + ((text.length + times * replacement.length) >>> 4));
  const head = parts.slice(0, times + 1).join(replacement);
  return parts.length - 1 > times ? [head, ...parts.slice(times + 1)].join(old) : head;
}

function join(list: CelList, separator: string, meter: CostMeter): string {
  const parts: string[] = [];
  for (const item of list.items(meter)) {
    const part = stringAt([item], 0);
    meter.spendText(part.length + separator.length);
    parts.push(part);
  }
  return parts.join(separator);
}
