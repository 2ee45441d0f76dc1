import { CelError } from '../cel-error.js';
import type { FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import type { LinearPattern } from '../../linear-pattern.js';
import { compilePattern, compileSteps } from '../../linear-pattern.js';
import type { CelValue } from '../values.js';
import { CelList } from '../values.js';
import { indexAt, stringAt } from './arguments.js';

type PatternMethod = (
  pattern: LinearPattern,
  args: readonly CelValue[],
  meter: CostMeter,
) => CelValue;

/** The functions whose second argument is a pattern, for a pattern that is compiled. */
export const patternMethods: Readonly<Record<string, PatternMethod>> = {
  'matches/2': test,
  '.matches/1': test,
  '.find/1': (pattern, args, meter) => find(pattern, stringAt(args, 0), 1, meter)[0] ?? '',
  '.findAll/1': (pattern, args, meter) =>
    new CelList(find(pattern, stringAt(args, 0), Infinity, meter)),
  '.findAll/2': (pattern, args, meter) => {
    const limit = indexAt(args, 2);
    return new CelList(find(pattern, stringAt(args, 0), limit < 0 ? Infinity : limit, meter));
  },
};

/** CEL's `matches`, and `find` and `findAll` of Kubernetes. */
export const regexFunctions: FunctionLibrary = {
  signatures: [
    'matches(string, string): bool',
    '.matches(string, string): bool',
    '.find(string, string): string',
    '.findAll(string, string): list<string>',
    '.findAll(string, string, int): list<string>',
  ],
  functions: Object.fromEntries(
    Object.entries(patternMethods).map(([key, method]) => [
      key,
      (args: readonly CelValue[], meter: CostMeter) =>
        method(compiled(stringAt(args, 1), meter), args, meter),
    ]),
  ),
};

function test(pattern: LinearPattern, args: readonly CelValue[], meter: CostMeter): boolean {
  const text = stringAt(args, 0);
  meter.spend(pattern.testSteps(text.length));
  return pattern.test(text);
}

function find(
  pattern: LinearPattern,
  text: string,
  limit: number,
  meter: CostMeter,
): readonly string[] {
  const found: string[] = [];
  meter.spend(pattern.testSteps(text.length));
  if (limit === 0 || !pattern.test(text)) return found;
  meter.spend(pattern.findSteps(text.length));
  for (const part of pattern.findAll(text)) {
    meter.spend(20);
    found.push(part);
    if (found.length >= limit) break;
  }
  return found;
}

/** @throws CelError when the text is no pattern. */
function compiled(source: string, meter: CostMeter): LinearPattern {
  meter.spend(compileSteps(source));
  try {
    return compilePattern(source);
  } catch (cause) {
    throw new CelError(cause instanceof Error ? cause.message : 'error parsing regexp');
  }
}
