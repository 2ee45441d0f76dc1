import type { CostMeter } from './cost-meter.js';
import type { Evaluate } from './compiled-node.js';
import { CostEstimator } from './cost-estimate.js';
import { ExpressionCompiler } from './expression-compiler.js';
import { parseExpression } from './expression-parser.js';
import { TypeChecker } from './type-checker.js';
import type { CelType } from './types.js';
import { optionalOf } from './types.js';
import type { CelValue } from './values.js';
import type { ValueShape } from './value-shape.js';

/** One expression about a value and what it was before, checked and ready to run. */
export class CompiledExpression {
  /** `dyn` when only a run can tell. */
  readonly type: CelType;
  readonly usesOldSelf: boolean;
  /** What it costs on the largest object that the schema takes, by Kubernetes' estimate. */
  readonly maxCost: number;
  readonly #evaluate: Evaluate;
  readonly #slotCount: number;

  /**
   * `isOldOptional`: `oldSelf` is an optional value, empty where there was none.
   *
   * @throws ExpressionError when the text is no expression or does not fit the types.
   */
  constructor(text: string, shape: ValueShape, isOldOptional = false) {
    const node = parseExpression(text);
    const oldSelf = isOldOptional ? optionalOf(shape.type) : shape.type;
    this.type = new TypeChecker(text, { self: shape.type, oldSelf }).check(node);
    const { bound } = shape;
    this.maxCost = new CostEstimator({ self: bound, oldSelf: bound }).estimate(node).cost;
    const compiler = new ExpressionCompiler(['self', 'oldSelf']);
    this.#evaluate = compiler.compile(node);
    this.#slotCount = compiler.slotCount;
    this.usesOldSelf = compiler.used.has('oldSelf');
  }

  /**
   * The value for these objects. What it costs depends on them alone.
   *
   * @throws CelError when there is no value, CostExceeded when the meter says so.
   */
  evaluate(self: CelValue, oldSelf: CelValue | undefined, meter: CostMeter): CelValue {
    const slots = Array.from<CelValue | undefined>({ length: this.#slotCount });
    slots[0] = self;
    slots[1] = oldSelf;
    return this.#evaluate({ slots, meter });
  }
}
