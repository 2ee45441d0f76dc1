import { ExpressionCompiler } from './expression-compiler.js';
import type { CostMeter } from './cost-meter.js';
import type { Evaluate } from './compiled-node.js';
import type { TypeEnvironment } from './type-environment.js';
import type { CelValue } from './values.js';

/** One expression, checked against the types of its variables and ready to run. */
export class CompiledExpression {
  /** In the notation of TypeEnvironment; `dyn` when only a run can tell. */
  readonly type: string;
  readonly usesOldSelf: boolean;
  readonly #evaluate: Evaluate;
  readonly #slotCount: number;

  /** @throws ExpressionError when the text is no expression or does not fit the types. */
  constructor(text: string, environment: TypeEnvironment) {
    const { node, type } = environment.check(text);
    const compiler = new ExpressionCompiler(['self', 'oldSelf']);
    this.#evaluate = compiler.compile(node);
    this.#slotCount = compiler.slotCount;
    this.type = type;
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
