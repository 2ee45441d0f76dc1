import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CelValue } from '../values.js';
import { CelList, CelMap, Duration, OptionalValue, UInt } from '../values.js';
import { instanceAt } from './arguments.js';

/**
 * Optional values; `optMap` and `optFlatMap` are macros, `or` and `orValue` look at
 * their argument only when they need it.
 */
export const optionalFunctions: FunctionLibrary = {
  signatures: [
    'optional.none(): optional<dyn>',
    'optional.of(A): optional<A>',
    'optional.ofNonZeroValue(A): optional<A>',
    '.hasValue(optional<A>): bool',
    '.value(optional<A>): A',
    '.or(optional<A>, optional<A>): optional<A>',
    '.orValue(optional<A>, A): A',
  ],
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
  if (value instanceof UInt || value instanceof OptionalValue) return !value.value;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  return value === null || value === false || value === 0n || value === 0 || value === '';
}
