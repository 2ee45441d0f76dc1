import * as fc from 'fast-check';
import { expect } from 'chai';
import { CelError } from './cel-error.js';
import { CompiledExpression } from './compiled-expression.js';
import { CostExceeded, CostMeter, MAX_CALL_COST } from './cost-meter.js';
import { ExpressionError } from './expression-error.js';
import { SPEC, ruledSchema } from './expression-fixture.js';
import { ShapeBuilder } from './value-shape.js';
import { typeNameOf } from './values.js';

/** The types that expressions are made of here; `ints` and `texts` are lists, `table` is a map. */
const TYPES = [
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'timestamp',
  'duration',
  'ints',
  'texts',
  'table',
  'optional',
] as const;
type TypeName = (typeof TYPES)[number];

/** What an expression of a type is made of: `$int` stands for an expression of that type. */
const FORMS: Readonly<Record<TypeName, readonly string[]>> = {
  bool: [
    'true',
    'false',
    'self.on',
    'has(self.name)',
    '!$bool',
    '($bool && $bool)',
    '($bool || $bool)',
    '($bool ? $bool : $bool)',
    '($int < $int)',
    '($int <= $double)',
    '($uint > $int)',
    '($string == $string)',
    '($string < $string)',
    '($bytes != $bytes)',
    '($ints == $ints)',
    '($table == $table)',
    '(dyn($int) == dyn($string))',
    '($int in $ints)',
    '($string in $table)',
    '$ints.all(x, x > $int)',
    '$texts.exists(t, t.contains($string))',
    '$ints.exists_one(x, x == $int)',
    '$table.all(k, k != $string)',
    '$string.matches($string)',
    '$string.startsWith($string)',
    '$texts.isSorted()',
    'sets.contains($texts, $texts)',
    'sets.intersects($ints, $ints)',
    '($timestamp < $timestamp)',
    '$optional.hasValue()',
    'isURL($string)',
    'isQuantity($string)',
    'isIP($string)',
    'isCIDR($string)',
    'format.dns1123Label().validate($string).hasValue()',
    '(type($int) == int)',
  ],
  int: [
    '0',
    '-1',
    '9223372036854775807',
    'self.replicas',
    '($int + $int)',
    '($int - $int)',
    '($int * $int)',
    '($int / $int)',
    '($int % $int)',
    'int($double)',
    'int($string)',
    'int($uint)',
    'size($string)',
    '$ints.size()',
    '$table.size()',
    '$ints[$int]',
    '$ints.sum()',
    '$ints.max()',
    '$ints.indexOf($int)',
    '$string.indexOf($string)',
    '$string.lastIndexOf($string)',
    '$timestamp.getHours($string)',
    '$duration.getSeconds()',
    '$optional.orValue($int)',
    '($bool ? $int : $int)',
    'cel.bind(v, $int, v + v)',
  ],
  uint: ['1u', '18446744073709551615u', '($uint + $uint)', '($uint - $uint)', 'uint($int)'],
  double: ['1.5', 'self.ratio', '($double / $double)', '($double * $double)', 'double($int)'],
  string: [
    '"a"',
    '"😀"',
    '"(a+)+$"',
    '"Europe/Berlin"',
    'self.name',
    '(self.port == 80 ? "x" : "y")',
    '($string + $string)',
    'string($int)',
    'string($double)',
    'string($bytes)',
    'string($timestamp)',
    'string($duration)',
    '$texts[$int]',
    '$table[$string]',
    '$string.substring($int)',
    '$string.charAt($int)',
    '$string.replace($string, $string)',
    '$string.replace($string, $string, $int)',
    '$string.lowerAscii()',
    '$string.trim()',
    '$string.reverse()',
    '$string.find($string)',
    '$texts.join($string)',
    'strings.quote($string)',
    '"%s %d".format([$texts, $int])',
    'url($string).getHost()',
  ],
  bytes: ['b"a"', 'self.data', '($bytes + $bytes)', 'bytes($string)'],
  timestamp: [
    'self.at',
    'timestamp($int)',
    '($timestamp + $duration)',
    'timestamp(self.name + $string)',
  ],
  duration: ['self.ttl', '($timestamp - $timestamp)', '($duration + $duration)', 'duration("-1h")'],
  ints: [
    '[1, 2, 3]',
    'self.numbers',
    '($ints + $ints)',
    '$ints.map(x, x * $int)',
    '$ints.filter(x, x > $int)',
    '$texts.map(t, t.size())',
    '$ints.map(x, x > $int, x)',
    '[$int, $int]',
  ],
  texts: [
    'self.tags',
    '["a", "b"]',
    '$string.split($string)',
    '$string.split("")',
    '$string.findAll($string)',
    '($texts + $texts)',
    '$texts.filter(t, t != $string)',
    '$table.map(k, k + $string)',
    '$texts.map(t, t + t)',
  ],
  table: ['self.labels', '{"a": $string}', '{$string: $string, $string: $string}'],
  optional: [
    'optional.of($int)',
    'optional.none()',
    'self.?replicas',
    '$ints[?$int]',
    '$optional.optMap(o, o + $int)',
    '$optional.or($optional)',
  ],
};

/** An expression of a type, at most this deep: each is as CEL's types allow. */
function expressionOf(type: TypeName, depth: number): fc.Arbitrary<string> {
  const forms = FORMS[type].filter((form) => depth > 0 || !form.includes('$'));
  return fc.constantFrom(...forms).chain((form) => filled(form, depth - 1));
}

function filled(form: string, depth: number): fc.Arbitrary<string> {
  const parts = form.split(/(\$[a-z]+)/).map((part) => {
    const type = TYPES.find((name) => part === `$${name}`);
    return type === undefined ? fc.constant(part) : expressionOf(type, depth);
  });
  return fc.tuple(...parts).map((texts) => texts.join(''));
}

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
