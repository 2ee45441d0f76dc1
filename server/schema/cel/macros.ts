import { CelError, noSuchOverload } from './cel-error.js';
import type { Evaluate, Frame } from './compiled-node.js';
import { STEPS_PER_KEY } from './cost-meter.js';
import type { CostMeter } from './cost-meter.js';
import type { CelValue } from './values.js';
import { CelList, CelMap, OptionalValue } from './values.js';

/** Making and catching an error takes about as long as this many steps. */
const ERROR_STEPS = 300;

/** `&&` and `||`: one side may decide although the other has no value. */
export function logical(decisive: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    const first = boolOrError(left, frame);
    if (first === decisive) return decisive;
    const second = boolOrError(right, frame);
    if (second === decisive) return decisive;
    if (first instanceof CelError) throw first;
    if (second instanceof CelError) throw second;
    return !decisive;
  };
}

export function conditional(condition: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    return bool(condition(frame)) ? yes(frame) : no(frame);
  };
}

/** `range.all(x, test)` and `exists`: like `&&` and `||` over the items. */
export function quantifier(
  decisive: boolean,
  range: Evaluate,
  slot: number,
  test: Evaluate,
): Evaluate {
  return (frame) => {
    let fault: CelError | undefined;
    for (const item of itemsOf(range(frame), frame.meter)) {
      frame.slots[slot] = item;
      const result = boolOrError(test, frame);
      if (result === decisive) return decisive;
      if (result instanceof CelError) fault ??= result;
    }
    if (fault !== undefined) throw fault;
    return !decisive;
  };
}

/** `range.exists_one(x, test)`: every item has to have an answer. */
export function existsOne(range: Evaluate, slot: number, test: Evaluate): Evaluate {
  return (frame) => {
    let count = 0;
    for (const item of itemsOf(range(frame), frame.meter)) {
      frame.slots[slot] = item;
      if (bool(test(frame))) count += 1;
    }
    return count === 1;
  };
}

/** `range.filter(x, test)` and `range.map(x, test, transform)`; without a test all items stay. */
export function collect(
  range: Evaluate,
  slot: number,
  test: Evaluate | undefined,
  transform: Evaluate | undefined,
): Evaluate {
  return (frame) => {
    const results: CelValue[] = [];
    for (const item of itemsOf(range(frame), frame.meter)) {
      frame.slots[slot] = item;
      if (test !== undefined && !bool(test(frame))) continue;
      results.push(transform === undefined ? item : transform(frame));
    }
    return new CelList(results);
  };
}

/** `optional.orValue(other)` and `optional.or(other)`. */
export function orElse(optional: Evaluate, other: Evaluate, isUnwrapped: boolean): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    const found = optional(frame);
    if (!(found instanceof OptionalValue)) throw noSuchOverload();
    if (found.value === undefined) return other(frame);
    return isUnwrapped ? found.value : found;
  };
}

/** `optional.optMap(x, transform)`; `optFlatMap` takes what the transform gives as it is. */
export function mapOptional(
  optional: Evaluate,
  slot: number,
  transform: Evaluate,
  isFlat: boolean,
): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    const found = optional(frame);
    if (!(found instanceof OptionalValue)) throw noSuchOverload();
    if (found.value === undefined) return found;
    frame.slots[slot] = found.value;
    const result = transform(frame);
    return isFlat ? result : new OptionalValue(result);
  };
}

/** `cel.bind(x, value, result)`. */
export function bind(slot: number, value: Evaluate, result: Evaluate): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    frame.slots[slot] = value(frame);
    return result(frame);
  };
}

/** @throws CelError unless the value is a bool. */
export function bool(value: CelValue): boolean {
  if (typeof value === 'boolean') return value;
  throw noSuchOverload();
}

function boolOrError(evaluate: Evaluate, frame: Frame): boolean | CelError {
  try {
    return bool(evaluate(frame));
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    frame.meter.spend(ERROR_STEPS);
    return error;
  }
}

function itemsOf(range: CelValue, meter: CostMeter): Iterable<CelValue> {
  if (range instanceof CelList) return range.items(meter);
  if (!(range instanceof CelMap)) throw noSuchOverload();
  const keys = range.keys();
  meter.spend(keys.length * STEPS_PER_KEY);
  return keys;
}
