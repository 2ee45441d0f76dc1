import type { CostMeter } from './cost-meter.js';
import type { CelValue } from './values.js';

/** Where one evaluation keeps its variables: each has its slot. */
export interface Frame {
  readonly slots: (CelValue | undefined)[];
  readonly meter: CostMeter;
}

/** One node of an expression, ready to run. @throws CelError, CostExceeded. */
export type Evaluate = (frame: Frame) => CelValue;

/** A function of the language. A method's receiver is its first argument. */
export type CelFunction = (args: readonly CelValue[], meter: CostMeter) => CelValue;

export interface FunctionLibrary {
  /** Every form of its functions, as `Overloads` takes them. */
  readonly signatures: readonly string[];
  /** By `name/arguments`, a method by `.name/arguments` with its receiver not counted. */
  readonly functions: Readonly<Record<string, CelFunction>>;
}
