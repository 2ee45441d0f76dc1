import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CelValue } from '../values.js';
import { CelList, CelMap, OptionalValue } from '../values.js';
import { instanceAt } from './arguments.js';

/** Optional values; `or`, `orValue`, `optMap` and `optFlatMap` are macros. */
export const optionalFunctions: FunctionLibrary = {
  signatures: ['OptionalNamespace.ofNonZeroValue(A): optional<A>'],
  functions: {
    'optional.none/0': () => new OptionalValue(),
    'optional.of/1': ([value = null]) => new OptionalValue(value),
    'optional.ofNonZeroValue/1': ([value = null]) =>
      isZero(value) ? new OptionalValue() : new OptionalValue(value),
    '.hasValue/0': (args) => instanceAt(args, 0, OptionalValue).value !== undefined,
    '.value/0': (args) => {
      const { value } = instanceAt(args, 0, OptionalValue);
      if (value === undefined) throw new CelError('optional.none() dereference');
      return value;
    },
  } satisfies Record<string, CelFunction>,
};

function isZero(value: CelValue): boolean {
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  return value === null || value === false || value === 0n || value === 0 || value === '';
}
