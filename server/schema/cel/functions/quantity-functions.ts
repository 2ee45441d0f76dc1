import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import { parseQuantity } from '../../quantity.js';
import type { CelValue } from '../values.js';
import { MAX_INT, MIN_INT, Quantity } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

const NANO = 1_000_000_000n;

/** Kubernetes' quantity library (k8s.io/apiserver/pkg/cel/library). */
export const quantityFunctions: FunctionLibrary = {
  signatures: [
    'isQuantity(string): bool',
    'quantity(string): kubernetes.Quantity',
    '.sign(kubernetes.Quantity): int',
    '.isInteger(kubernetes.Quantity): bool',
    '.asInteger(kubernetes.Quantity): int',
    '.asApproximateFloat(kubernetes.Quantity): double',
    ...['add', 'sub'].flatMap((name) => [
      `.${name}(kubernetes.Quantity, kubernetes.Quantity): kubernetes.Quantity`,
      `.${name}(kubernetes.Quantity, int): kubernetes.Quantity`,
    ]),
    '.isGreaterThan(kubernetes.Quantity, kubernetes.Quantity): bool',
    '.isLessThan(kubernetes.Quantity, kubernetes.Quantity): bool',
    '.compareTo(kubernetes.Quantity, kubernetes.Quantity): int',
  ],
  functions: {
    'isQuantity/1': (args) => parseQuantity(stringAt(args, 0)) !== undefined,
    'quantity/1': (args) => {
      const text = stringAt(args, 0);
      const parsed = parseQuantity(text);
      if (parsed !== undefined) return new Quantity(parsed.nanos);
      throw new CelError('quantity parse error', JSON.stringify(text.slice(0, 100)));
    },
    '.sign/0': (args) => sign(quantityAt(args, 0)),
    '.isInteger/0': (args) => isInt64(quantityAt(args, 0)),
    '.asInteger/0': (args) => {
      const nanos = quantityAt(args, 0);
      if (!isInt64(nanos)) throw new CelError('cannot convert value to integer');
      return nanos / NANO;
    },
    '.asApproximateFloat/0': (args) => Number(quantityAt(args, 0)) / 1e9,
    '.add/1': (args) => new Quantity(quantityAt(args, 0) + quantityAt(args, 1)),
    '.sub/1': (args) => new Quantity(quantityAt(args, 0) - quantityAt(args, 1)),
    '.isGreaterThan/1': (args) => quantityAt(args, 0) > quantityAt(args, 1),
    '.isLessThan/1': (args) => quantityAt(args, 0) < quantityAt(args, 1),
    '.compareTo/1': (args) => sign(quantityAt(args, 0) - quantityAt(args, 1)),
  } satisfies Record<string, CelFunction>,
};

function quantityAt(args: readonly CelValue[], index: number): bigint {
  const value = args[index];
  return typeof value === 'bigint' ? value * NANO : instanceAt(args, index, Quantity).nanos;
}

function sign(nanos: bigint): bigint {
  if (nanos === 0n) return 0n;
  return nanos > 0n ? 1n : -1n;
}

function isInt64(nanos: bigint): boolean {
  const whole = nanos / NANO;
  return nanos % NANO === 0n && whole <= MAX_INT && whole >= MIN_INT;
}
