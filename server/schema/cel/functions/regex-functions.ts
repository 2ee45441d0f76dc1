import type { FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import { LinearRegex } from '../linear-regex.js';
import type { CelValue } from '../values.js';
import { CelList } from '../values.js';
import { indexAt, stringAt } from './arguments.js';

type RegexMethod = (regex: LinearRegex, args: readonly CelValue[], meter: CostMeter) => CelValue;

/** The methods whose first argument is a pattern, for a pattern that is compiled. */
export const regexMethods: Readonly<Record<string, RegexMethod>> = {
  '.matches/1': (regex, args, meter) => regex.test(stringAt(args, 0), meter),
  '.find/1': (regex, args, meter) => regex.findAll(stringAt(args, 0), 1, meter)[0] ?? '',
  '.findAll/1': (regex, args, meter) =>
    new CelList(regex.findAll(stringAt(args, 0), Infinity, meter)),
  '.findAll/2': (regex, args, meter) => {
    const limit = indexAt(args, 2);
    return new CelList(regex.findAll(stringAt(args, 0), limit < 0 ? Infinity : limit, meter));
  },
};

/** CEL's `matches`, and `find` and `findAll` of Kubernetes. */
export const regexFunctions: FunctionLibrary = {
  signatures: [
    'string.find(string): string',
    'string.findAll(string): list<string>',
    'string.findAll(string, int): list<string>',
  ],
  functions: Object.fromEntries(
    Object.entries(regexMethods).map(([key, method]) => [
      key,
      (args: readonly CelValue[], meter: CostMeter) =>
        method(new LinearRegex(stringAt(args, 1), meter), args, meter),
    ]),
  ),
};
