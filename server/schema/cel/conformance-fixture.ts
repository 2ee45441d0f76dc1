import { CelError } from './cel-error.js';
import { CompiledExpression } from './compiled-expression.js';
import { CostMeter, MAX_CALL_COST } from './cost-meter.js';
import { ExpressionError } from './expression-error.js';
import { SPEC, ruledSchema } from './expression-fixture.js';
import { valueText } from './functions/format-string.js';
import type { CelValue } from './values.js';
import { CelList, CelMap, OptionalValue, TypeValue, UInt } from './values.js';
import { ShapeBuilder } from './value-shape.js';

/**
 * One promise of CEL or Kubernetes: an expression about `SPEC`, what it is as text (`error: …` when
 * it has no value, `refused: …` when it is not taken), and who promises it.
 */
export type ConformanceCase = readonly [expression: string, want: string, reason: string];

const shapes = new ShapeBuilder();
const { spec } = ruledSchema([])['properties'] as { spec: Record<string, unknown> };
const METER_TEXT = new CostMeter(Infinity);

/** What comes of an expression, as in `ConformanceCase`. */
export function outcomeOf(expression: string): string {
  const shape = shapes.of(spec);
  if (shape === undefined) throw new Error('the fixture has no shape');
  try {
    const compiled = new CompiledExpression(expression, shape);
    const old = shape.read({ ...SPEC, replicas: 2 }, METER_TEXT);
    return shown(
      compiled.evaluate(shape.read(SPEC, METER_TEXT), old, new CostMeter(MAX_CALL_COST)),
    );
  } catch (error) {
    if (error instanceof CelError) return `error: ${error.message}`;
    if (error instanceof ExpressionError) return `refused: ${error.message}`;
    throw error;
  }
}

/** Whether an outcome is the one that was promised; of a fault the words only have to be among it. */
export function isPromised(outcome: string, want: string): boolean {
  const [, failure, words = ''] = /^(error|refused): (.*)$/s.exec(want) ?? [];
  if (failure === undefined) return outcome === want;
  return outcome.startsWith(`${failure}: `) && outcome.includes(words);
}

/** A value as a literal of the language would be written. */
function shown(value: CelValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof UInt) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b:${Buffer.from(value).toString('hex')}`;
  if (value instanceof TypeValue) return value.typeName;
  if (value instanceof CelList) return `[${Array.from(value.items(METER_TEXT), shown).join(', ')}]`;
  if (value instanceof OptionalValue) {
    return value.value === undefined ? 'none' : `optional(${shown(value.value)})`;
  }
  if (value instanceof CelMap) {
    const entries = value
      .keys()
      .map((key) => `${shown(key)}: ${shown(value.get(key, METER_TEXT))}`);
    return `{${entries.sort().join(', ')}}`;
  }
  return valueText(value, METER_TEXT);
}
