import type { CelFunction } from '../compiled-node.js';
import { conversionFunctions } from './conversion-functions.js';
import { kubernetesFunctions } from './kubernetes-functions.js';
import { listFunctions } from './list-functions.js';
import { optionalFunctions } from './optional-functions.js';
import { regexFunctions } from './regex-functions.js';
import { stringFunctions } from './string-functions.js';
import { timeFunctions } from './time-functions.js';
import { CelList } from '../values.js';

const LIBRARIES = [
  conversionFunctions,
  kubernetesFunctions,
  listFunctions,
  optionalFunctions,
  regexFunctions,
  stringFunctions,
  timeFunctions,
];

/** What the type checker has to be told of the functions. */
export const functionSignatures: readonly string[] = LIBRARIES.flatMap(
  ({ signatures }) => signatures,
);

const functions = new Map<string, CelFunction>();
for (const library of LIBRARIES) {
  for (const [key, run] of Object.entries(library.functions)) {
    const before = functions.get(key);
    functions.set(key, before === undefined ? run : byReceiver(key, before, run));
  }
}

/** The function of a name and number of arguments; a method's name has a dot before it. */
export function findFunction(name: string, argumentCount: number): CelFunction | undefined {
  return functions.get(`${name}/${argumentCount}`);
}

/** Lists have methods that strings have too. */
function byReceiver(key: string, a: CelFunction, b: CelFunction): CelFunction {
  const forLists = listFunctions.functions[key];
  const [list, other] = forLists === a ? [a, b] : [b, a];
  return (args, meter) => (args[0] instanceof CelList ? list : other)(args, meter);
}
