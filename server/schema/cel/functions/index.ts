import type { CelFunction } from '../compiled-node.js';
import { conversionFunctions } from './conversion-functions.js';
import { addressFunctions } from './address-functions.js';
import { formatFunctions } from './format-functions.js';
import { listFunctions } from './list-functions.js';
import { optionalFunctions } from './optional-functions.js';
import { quantityFunctions } from './quantity-functions.js';
import { regexFunctions } from './regex-functions.js';
import { setFunctions } from './set-functions.js';
import { stringFunctions } from './string-functions.js';
import { timeFunctions } from './time-functions.js';
import { urlFunctions } from './url-functions.js';
import { operatorSignatures } from '../operator-signatures.js';
import { Overloads } from '../overloads.js';
import { CelList } from '../values.js';

const LIBRARIES = [
  addressFunctions,
  conversionFunctions,
  formatFunctions,
  listFunctions,
  optionalFunctions,
  quantityFunctions,
  regexFunctions,
  setFunctions,
  stringFunctions,
  timeFunctions,
  urlFunctions,
];

/** Everything that an expression may call, operators included, by its types. */
export const overloads = new Overloads([
  ...operatorSignatures,
  ...LIBRARIES.flatMap(({ signatures }) => signatures),
]);

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
