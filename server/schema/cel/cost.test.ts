import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../../sdk/api/kind.js';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import { CompiledExpression } from './compiled-expression.js';
import { CostExceeded, CostMeter, MAX_CALL_COST } from './cost-meter.js';
import { validateRules } from './index.js';
import { ShapeBuilder } from './value-shape.js';

const [base] = kinds;
const NUMBERS = Array.from({ length: 10_000 }, (_, index) => index);
const OBJECT = {
  a: NUMBERS,
  b: NUMBERS,
  s: 'a'.repeat(100_000),
  t: `${'a'.repeat(500)}b`,
  m: Object.fromEntries(NUMBERS.map((number) => [`k${number}`, 'v'])),
};
const list = { type: 'array', items: { type: 'integer' } };
const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    a: list,
    b: list,
    s: { type: 'string' },
    t: { type: 'string' },
    m: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

/** What one evaluation costs; `exceeded` when it was ended for that. */
function costOf(rule: string, object: object = OBJECT): number | 'exceeded' {
  const shape = new ShapeBuilder().of(SCHEMA);
  if (shape === undefined) throw new Error('the schema has no shape');
  const expression = new CompiledExpression(rule, shape);
  const meter = new CostMeter(MAX_CALL_COST);
  try {
    expression.evaluate(shape.read(object, meter), undefined, meter);
    return meter.spent;
  } catch (error) {
    if (error instanceof CostExceeded) return 'exceeded';
    throw error;
  }
}

function doubling(first: string, times: number, last: string): string {
  const steps = Array.from({ length: times }, (_, index) => {
    const value = index === 0 ? first : `v${index - 1} + v${index - 1}`;
    return `cel.bind(v${index}, ${value}, `;
  });
  return `${steps.join('')}${last.replace('X', `v${times - 1}`)}${')'.repeat(times)}`;
}

describe('the cost of rules', () => {
  const bombs: Readonly<Record<string, string>> = {
    'a loop in a loop': 'self.a.all(x, self.b.all(y, x + y >= 0))',
    'lists of lists': 'self.a.map(x, self.b.map(y, x)).size() > 0',
    'errors that are absorbed': 'self.a.exists(x, self.b.exists(y, 1 / 0 == 1))',
    'a list doubled again and again': doubling('self.a', 40, 'X.size() > 0'),
    'a text doubled again and again': doubling('self.s', 40, 'X.size() > 0'),
    'long texts compared': 'self.a.all(x, self.s + "x" == self.s + "x")',
    'long lists compared': 'self.a.all(x, self.a == self.b)',
    'long maps compared': 'self.a.all(x, self.m == self.m)',
    'a search at every place': 'self.a.all(x, !self.s.contains(self.t))',
    'a list searched': 'self.a.all(x, !(-1 in self.b))',
    'a pattern that others backtrack on': 'self.a.all(x, !self.s.matches("(a+)+$b"))',
    'a pattern with many states': 'self.a.all(x, self.s.find("(a?){50}a{50}b") == "")',
    'patterns made at run time': 'self.a.all(x, !self.t.matches("a{900}" + string(x)))',
    'a replacement that grows': 'self.s.replace("a", self.s).size() > 0',
    'a text taken apart': 'self.a.all(x, self.s.split("").size() > 0)',
    'a text put together': 'self.a.map(x, self.s).join(self.s).size() > 0',
    'much formatted': 'self.a.all(x, "%s%s".format([self.a, self.a]).size() > 0)',
    'the keys of a map, each time': 'self.a.all(x, self.m.size() > 0)',
    'time zones': 'self.a.all(x, timestamp(x).getHours("Europe/Berlin") >= 0)',
    'a sum in a loop': 'self.a.all(x, self.b.sum() > 0)',
  };
  for (const [name, rule] of Object.entries(bombs)) {
    it(`is limited: ${name}`, () => expect(costOf(rule)).to.equal('exceeded'));
  }

  const modest: readonly { rule: string; atMost: number }[] = [
    { rule: 'self.a.size() == 10000', atMost: 10 },
    { rule: 'self.a.all(x, x >= 0)', atMost: 100_000 },
    { rule: 'self.t.matches("^a+b$")', atMost: 3_000 },
    { rule: 'self.s == self.s', atMost: 10_000 },
    { rule: 'false && self.a.all(x, self.b.all(y, x == y))', atMost: 10 },
  ];
  for (const { rule, atMost } of modest) {
    it(`is at most ${atMost} for ${rule}`, () => {
      const cost = costOf(rule);
      expect(cost).to.be.a('number').and.to.be.at.most(atMost);
      expect(costOf(rule), 'the same again costs the same').to.equal(cost);
    });
  }

  it('ends the write in the words of Kubernetes', async () => {
    const errors = await judge(['self.a.all(x, self.b.all(y, x + y >= 0))', 'false']);
    expect(errors).to.deep.equal([
      `spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.a.all(x, self.b.all(y, x + y >= 0))`,
    ]);
  });

  it('is limited over all rules of a write', async () => {
    const errors = await judge(Array<string>(200).fill('self.a.all(x, x >= 0)'));
    expect(errors).to.deep.equal([
      'spec: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });

  it('leaves others their turn between two evaluations', async () => {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await judge(Array<string>(200).fill('self.a.all(x, x >= 0)'));
    isDone = true;
    expect(turns).to.be.greaterThan(5);
  });
});

async function judge(rules: readonly string[]): Promise<string[]> {
  const spec = { ...SCHEMA, 'x-kubernetes-validations': rules.map((rule) => ({ rule })) };
  const schema = { type: 'object', properties: { spec } };
  const kind: KindDefinition = { ...(base as KindDefinition), sensitive: [], schema };
  const errors = await validateRules(kind, { object: { spec: OBJECT }, schemaErrors: [] });
  return errors.map(({ field, message }) => `${field}: ${message}`);
}
