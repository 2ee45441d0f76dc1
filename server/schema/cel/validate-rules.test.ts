import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../../sdk/api/kind.js';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import type { FieldError } from '../../api-errors.js';
import { invalidValue, requiredValue } from '../../api-errors.js';
import { validateRules } from './index.js';
import type { ValidationRule } from './validation-rule.js';

const [base] = kinds;

function kindOf(schema: JsonSchema, sensitive: readonly string[] = []): KindDefinition {
  return { ...(base as KindDefinition), sensitive, schema };
}

async function judge(
  schema: JsonSchema,
  object: unknown,
  more: { old?: unknown; schemaErrors?: FieldError[]; sensitive?: string[] } = {},
): Promise<string[]> {
  const { old, schemaErrors = [], sensitive } = more;
  const errors = await validateRules(kindOf(schema, sensitive), { object, old, schemaErrors });
  return errors.map(({ reason, field, message }) => `${reason} ${field}: ${message}`);
}

function spec(rules: readonly ValidationRule[], properties: object = NUMBERS): JsonSchema {
  return {
    type: 'object',
    properties: { spec: { type: 'object', 'x-kubernetes-validations': rules, properties } },
  };
}

const NUMBERS = { a: { type: 'integer' }, b: { type: 'integer' }, name: { type: 'string' } };
const RULE = 'self.a <= self.b';
const BAD = { spec: { a: 2, b: 1, name: 'n' } };

describe('validateRules', () => {
  const messages: { name: string; rule: ValidationRule; want: string }[] = [
    {
      name: 'without a message',
      rule: { rule: RULE },
      want: `FieldValueInvalid spec: Invalid value: "object": failed rule: ${RULE}`,
    },
    {
      name: 'its message',
      rule: { rule: RULE, message: 'a must not exceed b' },
      want: 'FieldValueInvalid spec: Invalid value: "object": a must not exceed b',
    },
    {
      name: 'a message of the object',
      rule: {
        rule: RULE,
        message: 'm',
        messageExpression: '"a is %d of %s".format([self.a, self.name])',
      },
      want: 'FieldValueInvalid spec: Invalid value: "object": a is 2 of n',
    },
    {
      name: 'its message where the expression has no value',
      rule: { rule: RULE, message: 'm', messageExpression: '"x" + string(1 / (self.a - 2))' },
      want: 'FieldValueInvalid spec: Invalid value: "object": m',
    },
    {
      name: 'its message where that of the object is empty',
      rule: { rule: RULE, messageExpression: '" "' },
      want: `FieldValueInvalid spec: Invalid value: "object": failed rule: ${RULE}`,
    },
    {
      name: 'Forbidden',
      rule: { rule: RULE, message: 'm', reason: 'FieldValueForbidden' },
      want: 'FieldValueForbidden spec: Forbidden: m',
    },
    {
      name: 'Required, at a field',
      rule: { rule: RULE, message: 'm', reason: 'FieldValueRequired', fieldPath: '.b' },
      want: 'FieldValueRequired spec.b: Required value: m',
    },
    {
      name: 'Duplicate',
      rule: { rule: RULE, message: 'm', reason: 'FieldValueDuplicate' },
      want: 'FieldValueDuplicate spec: Duplicate value: "object": m',
    },
    {
      name: 'a rule that does not compile',
      rule: { rule: 'self.c' },
      want: `FieldValueInvalid spec: Invalid value: "object": rule compile error: compilation failed: ERROR: <input>:1:5: undefined field 'c'\n | self.c\n | ....^`,
    },
  ];
  for (const { name, rule, want } of messages) {
    it(`says ${name}`, async () => {
      expect(await judge(spec([rule]), BAD)).to.deep.equal([want]);
    });
  }

  it('says nothing of what is as the rules want it, and what is not there', async () => {
    const rules = [{ rule: RULE }, { rule: 'self.name.size() > 0' }];
    expect(await judge(spec(rules), { spec: { a: 1, b: 2, name: 'n' } })).to.deep.equal([]);
    expect(await judge(spec(rules), {})).to.deep.equal([]);
    expect(await judge(spec(rules), { spec: { a: 1, b: 2 } })).to.deep.equal([
      'FieldValueInvalid spec: Invalid value: "object": no such key: name evaluating rule: self.name.size() > 0',
    ]);
  });

  it('judges the root, items, values and embedded objects at their places', async () => {
    const text = (rule: string): object => ({
      type: 'string',
      'x-kubernetes-validations': [{ rule }],
    });
    const schema = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.metadata.name.startsWith("x")' }],
      properties: {
        list: { type: 'array', items: text('self.size() < 3') },
        map: { type: 'object', additionalProperties: text('self != "bad"') },
      },
    };
    const object = {
      metadata: { name: 'y' },
      list: ['ok', 'long'],
      map: { 'a/b': 'bad', c: 'good' },
    };
    expect(await judge(schema, object)).to.deep.equal([
      'FieldValueInvalid <nil>: Invalid value: "object": failed rule: self.metadata.name.startsWith("x")',
      'FieldValueInvalid list[1]: Invalid value: "string": failed rule: self.size() < 3',
      'FieldValueInvalid map[a/b]: Invalid value: "string": failed rule: self != "bad"',
    ]);
  });

  it('asks rules about the change only where there is an old value', async () => {
    const immutable = spec([{ rule: 'self.a == oldSelf.a', message: 'a is immutable' }]);
    const fault = 'FieldValueInvalid spec: Invalid value: "object": a is immutable';
    expect(await judge(immutable, BAD)).to.deep.equal([]);
    expect(await judge(immutable, BAD, { old: {} })).to.deep.equal([]);
    expect(await judge(immutable, BAD, { old: { spec: { a: 2 } } })).to.deep.equal([]);
    expect(await judge(immutable, BAD, { old: { spec: { a: 1 } } })).to.deep.equal([fault]);
    const rule = '!oldSelf.hasValue() || self.a == oldSelf.value().a';
    const optional = spec([{ rule, message: 'a is immutable', optionalOldSelf: true }]);
    expect(await judge(optional, BAD)).to.deep.equal([]);
    expect(await judge(optional, BAD, { old: { spec: { a: 1 } } })).to.deep.equal([fault]);
    const onCreate = spec([{ rule: 'oldSelf.hasValue()', message: 'm', optionalOldSelf: true }]);
    expect(await judge(onCreate, BAD)).to.have.length(1);
  });

  it('finds the old item of a list-map by its keys, and of no other list', async () => {
    const items = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size' }],
      properties: { name: { type: 'string' }, size: { type: 'integer' } },
    };
    const schema = (more: object): JsonSchema => ({
      type: 'object',
      properties: { list: { type: 'array', ...more, items } },
    });
    const keyed = schema({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
    const old = {
      list: [
        { name: 'a', size: 5 },
        { name: 'b', size: 1 },
      ],
    };
    const object = {
      list: [
        { name: 'new', size: 0 },
        { name: 'b', size: 2 },
        { name: 'a', size: 4 },
      ],
    };
    expect(await judge(keyed, object, { old })).to.deep.equal([
      'FieldValueInvalid list[2]: Invalid value: "object": failed rule: self.size >= oldSelf.size',
    ]);
    expect(await judge(schema({}), object, { old })).to.deep.equal([]);
  });

  it('leaves alone what an update leaves alone, even when a rule has come since', async () => {
    const schema = spec([{ rule: RULE }]);
    expect(await judge(schema, { ...BAD, status: 1 }, { old: BAD })).to.deep.equal([]);
    expect(await judge(schema, BAD, { old: { spec: { ...BAD.spec, name: 'm' } } })).to.have.length(
      1,
    );
  });

  it('waits for an object of the right types', async () => {
    const schema = spec([{ rule: RULE }]);
    const missing = requiredValue('spec.a');
    expect(await judge(schema, BAD, { schemaErrors: [missing] })).to.deep.equal([
      'FieldValueInvalid <nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
    const tooLarge = invalidValue('spec.a', 5, 'should be less than or equal to 1');
    expect(await judge(schema, BAD, { schemaErrors: [tooLarge] })).to.have.length(1);
    expect(await judge(spec([]), BAD, { schemaErrors: [missing] })).to.deep.equal([]);
  });

  it('shows nothing of an object with sensitive fields', async () => {
    const properties = {
      token: { type: 'string' },
      map: { type: 'object', additionalProperties: { type: 'string' } },
    };
    const rules = [
      { rule: 'self.map[self.token] == ""' },
      { rule: 'int(self.token) == 1' },
      { rule: 'false', message: 'the token', messageExpression: 'self.token.upperAscii()' },
    ];
    const object = { spec: { token: 'hunter2', map: {} } };
    const shown = (await judge(spec(rules, properties), object)).join('\n');
    expect(shown).to.contain('hunter2').and.contain('HUNTER2');
    const hidden = await judge(spec(rules, properties), object, { sensitive: ['spec.token'] });
    expect(hidden).to.have.length(3);
    expect(hidden.join('\n')).to.not.match(/hunter2/i);
  });

  it('never follows a name into a prototype', async () => {
    const properties = { map: { type: 'object', additionalProperties: { type: 'string' } } };
    const rules = ['__proto__', 'constructor', 'toString'].map((name) => ({
      rule: `!("${name}" in self.map) && self.map.all(k, k != "${name}")`,
    }));
    expect(await judge(spec(rules, properties), { spec: { map: {} } })).to.deep.equal([]);
  });

  it('gives a kind without rules no work', async () => {
    const watched = new Proxy(
      {},
      {
        get: () => expect.fail('the object was looked at'),
        ownKeys: () => expect.fail('the object was looked at'),
      },
    );
    expect(await judge(spec([]), watched, { old: watched })).to.deep.equal([]);
  });
});
