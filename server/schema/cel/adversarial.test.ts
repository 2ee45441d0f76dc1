import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../../sdk/api/kind.js';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import { checkRules, validateRules } from './index.js';

/** A turn takes a third of it on an idle machine. */
const MAX_TURN_CPU_MS = 150;
const MAX_HEAP_BYTES = 200 * 1024 * 1024;
const [base] = kinds;

const NUMBERS = Array.from({ length: 10_000 }, (_, index) => index);
const MANY = Array.from({ length: 100_000 }, (_, index) => ({ name: `n${index}`, size: index }));
const LONG = 'a'.repeat(1_000_000);
const BLOB = Buffer.alloc(1_000_000).toString('base64');

const text = { type: 'string' };
const PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  numbers: { type: 'array', items: { type: 'integer' } },
  long: text,
  part: text,
  blobs: { type: 'array', items: { type: 'string', format: 'byte' } },
  at: { type: 'string', format: 'date-time' },
  pattern: text,
};
const OBJECT = {
  numbers: NUMBERS,
  long: LONG,
  part: `${'a'.repeat(500)}b`,
  blobs: [BLOB, BLOB],
  at: '2026-01-02T03:04:05Z',
  pattern: '(a+)+$b',
};

interface Judged {
  readonly messages: readonly string[];
  /** CPU of the longest turn of the event loop. */
  readonly turnCpuMs: number;
}

/** Runs while somebody else counts the turns that others had. */
async function watched(run: () => Promise<readonly { message: string }[]>): Promise<Judged> {
  let turnCpuMs = 0;
  let isDone = false;
  let since = process.cpuUsage();
  const tick = (): void => {
    const { user, system } = process.cpuUsage(since);
    turnCpuMs = Math.max(turnCpuMs, (user + system) / 1_000);
    since = process.cpuUsage();
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  try {
    return { messages: (await run()).map(({ message }) => message), turnCpuMs };
  } finally {
    isDone = true;
    tick();
  }
}

function kindOf(schema: JsonSchema): KindDefinition {
  return { ...(base as KindDefinition), sensitive: [], schema };
}

function ruled(...rules: readonly string[]): JsonSchema {
  const validations = rules.map((rule) => ({ rule }));
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: PROPERTIES, 'x-kubernetes-validations': validations },
    },
  };
}

/** `start` with `step` around what came before, again and again. */
function again(times: number, start: string, step: (inner: string) => string): string {
  return Array.from({ length: times }).reduce<string>((inner) => step(inner), start);
}

describe('rules that would cost too much', () => {
  const bombs: Readonly<Record<string, string>> = {
    'all in all over 10,000 numbers': 'self.numbers.all(x, self.numbers.all(y, x + y >= 0))',
    'map in map in map':
      'self.numbers.map(x, self.numbers.map(y, self.numbers.map(z, z))).size() > 0',
    'a text doubled 40 times': `${again(40, '[self.long]', (list) => `${list}.map(t, t + t)`)}.size() > 0`,
    'a list doubled 40 times': `${again(40, '[self.numbers]', (list) => `${list}.map(l, l + l)`)}.size() > 0`,
    'a text grown by replace':
      'self.long.replace("a", self.long).replace("a", self.long).size() > 0',
    'a text grown by join': 'self.numbers.map(n, self.long).join(self.long).size() > 0',
    'a text grown by format':
      'self.numbers.map(n, "%s%s%s".format([self.long, self.long, self.long])).size() > 0',
    'a pattern that others backtrack on': 'self.numbers.all(n, !self.long.matches("(a+)+$b"))',
    'a pattern of the object': 'self.numbers.all(n, !self.long.matches(self.pattern + string(n)))',
    'a pattern with 5,000 states': 'self.numbers.all(n, !self.long.matches("^(a?){900}b"))',
    'a pattern with another state at each character':
      'self.numbers.all(n, !self.part.replace("a", "ab").matches("[ab]*a[ab]{15}[cx]$"))',
    'all matches of a pattern': 'self.long.findAll("a?").size() > 0',
    'a text taken apart': 'self.numbers.all(n, self.long.split("").size() > 0)',
    'a search at each place': 'self.numbers.all(n, !self.long.contains(self.part))',
    'bytes decoded again and again': 'self.numbers.all(n, self.blobs.all(b, b.size() > 0))',
    'a time read again and again': 'self.numbers.all(n, self.numbers.all(m, self.at == self.at))',
    'time zones': 'self.numbers.all(n, self.at.getHours("Europe/Berlin") > 0)',
    'errors that are absorbed': 'self.numbers.exists(n, self.numbers.exists(m, 1 / 0 == 1))',
    'sets of 10,000': 'sets.equivalent(self.numbers, self.numbers)',
  };
  for (const [name, rule] of Object.entries(bombs)) {
    it(`are ended, and nobody waits: ${name}`, async () => {
      const before = process.memoryUsage().heapUsed;
      const subject = { object: { spec: OBJECT }, schemaErrors: [] };
      const { messages, turnCpuMs } = await watched(() =>
        validateRules(kindOf(ruled(rule)), subject),
      );
      expect(messages).to.have.length(1);
      expect(messages[0]).to.match(/actual cost limit exceeded|out of cost budget/);
      expect(turnCpuMs, 'CPU of a turn, ms').to.be.lessThan(MAX_TURN_CPU_MS);
      expect(process.memoryUsage().heapUsed - before, 'heap').to.be.lessThan(MAX_HEAP_BYTES);
    });
  }

  const refused: readonly { name: string; rule: string; want: string }[] = [
    {
      name: 'an expression of 1 MB',
      rule: 'true || '.repeat(131_072),
      want: 'no longer than 8192',
    },
    {
      name: 'one nested 100,000 deep',
      rule: `${'('.repeat(100_000)}true${')'.repeat(100_000)}`,
      want: 'no longer than 8192',
    },
    {
      name: 'one nested 4,000 deep',
      rule: `${'('.repeat(4_000)}1${')'.repeat(4_000)}`,
      want: 'maxDepth',
    },
    { name: '8,000 negations', rule: `${'!'.repeat(8_000)}true`, want: 'compilation failed' },
    {
      name: 'optMap in optMap',
      rule: again(200, '1', (inner) => `optional.of(1).optMap(x, ${inner})`),
      want: 'maxDepth',
    },
    { name: 'repeats of repeats', rule: 'self.long.matches("(a{1000}){1000}")', want: 'too large' },
    {
      name: 'repeats of repeats, unfolded',
      rule: `self.long.matches("${'(a{1000})'.repeat(800)}")`,
      want: 'too large',
    },
    {
      name: 'a loop in a loop over endless lists',
      rule: 'self.numbers.all(x, self.numbers.all(y, x != y))',
      want: 'estimated rule cost exceeds budget by factor of more than 100x',
    },
  ];
  for (const { name, rule, want } of refused) {
    it(`are refused with the definition: ${name}`, async () => {
      const { messages, turnCpuMs } = await watched(() => checkRules(ruled(rule)));
      expect(messages.join('\n')).to.contain(want);
      expect(messages[0]?.length).to.be.lessThan(2_000);
      expect(turnCpuMs, 'CPU of a turn, ms').to.be.lessThan(MAX_TURN_CPU_MS);
    });
  }

  it('compile in turns: 1,000 rules of 64 KB', async () => {
    const rules = NUMBERS.slice(0, 1_000).map((n) => `self.part != "${n}" || self.numbers[0] > 3`);
    const { messages, turnCpuMs } = await watched(() => checkRules(ruled(...rules)));
    expect(messages).to.deep.equal([]);
    expect(turnCpuMs, 'CPU of a turn, ms').to.be.lessThan(MAX_TURN_CPU_MS);
  });

  it('share one budget: 1,000 rules of one object', async () => {
    const rules = NUMBERS.slice(0, 1_000).map((n) => `self.numbers.all(x, x != -${n + 1})`);
    const subject = { object: { spec: OBJECT }, schemaErrors: [] };
    const kind = kindOf(ruled(...rules));
    const { messages, turnCpuMs } = await watched(() => validateRules(kind, subject));
    expect(messages).to.deep.equal([
      'Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
    expect(turnCpuMs, 'CPU of a turn, ms').to.be.lessThan(MAX_TURN_CPU_MS);
  });

  it('run in turns: on each of 100,000 items, and on what each was before', async function () {
    this.timeout(20_000);
    const items = {
      type: 'object',
      properties: { name: text, size: { type: 'integer' } },
      'x-kubernetes-validations': [
        { rule: 'self.size >= oldSelf.size' },
        { rule: 'self.size >= 0' },
      ],
    };
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items,
        },
      },
    };
    const list = MANY.map(({ name, size }) => ({ name, size: size + 1 }));
    const subject = { object: { list }, old: { list: MANY }, schemaErrors: [] };
    const { messages, turnCpuMs } = await watched(() => validateRules(kindOf(schema), subject));
    expect(messages).to.deep.equal([]);
    expect(turnCpuMs, 'CPU of a turn, ms').to.be.lessThan(MAX_TURN_CPU_MS);
  });
});
