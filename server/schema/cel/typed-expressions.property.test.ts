import * as fc from 'fast-check';
import { expect } from 'chai';
import { CelError } from './cel-error.js';
import { CompiledExpression } from './compiled-expression.js';
import { CostExceeded, CostMeter, MAX_CALL_COST } from './cost-meter.js';
import { ExpressionError } from './expression-error.js';
import { SPEC, ruledSchema } from './expression-fixture.js';
import { TYPES, expressionOf } from './typed-expressions.js';
import { ShapeBuilder } from './value-shape.js';
import { typeNameOf } from './values.js';

/** An evaluation takes a tenth of this where nothing else runs; the garbage collector has its turns. */
const MAX_CPU_MS = 500;

const { spec } = ruledSchema([])['properties'] as { spec: Record<string, unknown> };
const NUMBERS = Array.from({ length: 3_000 }, (_, index) => index);
/** Larger than its schema allows: the cost has to be counted, not only estimated. */
const LARGE = {
  ...SPEC,
  name: 'a'.repeat(20_000),
  numbers: NUMBERS,
  tags: NUMBERS.map((number) => `t${number}`),
  labels: Object.fromEntries(NUMBERS.map((number) => [`k${number}`, 'v'])),
};

describe('expressions of the right types', () => {
  for (const [name, object, depth] of [
    ['a small object', SPEC, 5],
    ['a large object', LARGE, 3],
  ] as const) {
    it(`have a value of their type or say why not, in bounded time: ${name}`, function () {
      this.timeout(60_000);
      const shape = new ShapeBuilder().of(spec);
      if (shape === undefined) throw new Error('the fixture has no shape');
      const text = fc.constantFrom(...TYPES).chain((type) => expressionOf(type, depth));
      let values = 0;
      fc.assert(
        fc.property(text, (expression) => {
          fc.pre(expression.length < 4_000);
          const compiled = compile(expression, shape);
          const meter = new CostMeter(MAX_CALL_COST);
          const since = process.cpuUsage();
          try {
            const value = compiled.evaluate(shape.read(object, meter), undefined, meter);
            values += 1;
            if (compiled.type.name !== 'dyn') {
              expect(typeNameOf(value)).to.equal(compiled.type.name);
            }
          } catch (error) {
            if (!(error instanceof CelError || error instanceof CostExceeded)) throw error;
          }
          const { user, system } = process.cpuUsage(since);
          expect((user + system) / 1_000, 'CPU, ms').to.be.lessThan(MAX_CPU_MS);
        }),
        { numRuns: 600 },
      );
      expect(values, 'expressions that have a value').to.be.greaterThan(100);
    });
  }
});

/** Made by the rules of its types, an expression is refused only for being too large. */
function compile(
  expression: string,
  shape: ConstructorParameters<typeof CompiledExpression>[1],
): CompiledExpression {
  try {
    return new CompiledExpression(expression, shape);
  } catch (error) {
    fc.pre(!(error instanceof ExpressionError && error.message.includes('Exceeded max')));
    throw error;
  }
}
