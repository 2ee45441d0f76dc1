import { expect } from 'chai';
import type { JsonSchema } from '../../../sdk/api/kind.js';
import { ruledSchema } from './expression-fixture.js';
import { checkRules } from './index.js';
import type { ValidationRule } from './validation-rule.js';

const PATH = 'spec.versions[0].schema.openAPIV3Schema';
const AT = `${PATH}.properties[spec].x-kubernetes-validations[0]`;

async function faults(schema: JsonSchema): Promise<string[]> {
  const found = await checkRules(schema, PATH);
  return found.map(({ field, message }) => `${field}: ${message}`);
}

describe('checkRules', () => {
  it('says where in the schema and where in the rule', async () => {
    expect(
      await faults(ruledSchema([{ rule: 'self.replicas > 0 &&\n  self.nope', message: 'm' }])),
    ).to.deep.equal([
      `${AT}.rule: Invalid value: "self.replicas > 0 &&\\n  self.nope": compilation failed: ERROR: <input>:2:7: undefined field 'nope'\n |   self.nope\n | ......^`,
    ]);
  });

  const rules: { rule: string; want: string; reason: string }[] = [
    { rule: 'self.', want: 'compilation failed', reason: 'does not parse' },
    { rule: 'foo > 1', want: `undeclared reference to 'foo'`, reason: 'no such variable' },
    {
      rule: 'self.tags.all(t, u)',
      want: `undeclared reference to 'u'`,
      reason: 'no such variable',
    },
    { rule: 'nope(1)', want: `nope`, reason: 'no such function' },
    { rule: 'self.name.nope()', want: 'nope', reason: 'no such method' },
    {
      rule: 'self.namespace == ""',
      want: `undefined field 'namespace'`,
      reason: 'has to be escaped',
    },
    {
      rule: 'has(self.nope)',
      want: `undefined field 'nope'`,
      reason: 'a mistyped name is no absent one',
    },
    { rule: 'has(self)', want: 'invalid argument to has() macro', reason: 'not a field' },
    {
      rule: 'self.untyped == 1',
      want: `undefined field 'untyped'`,
      reason: 'the schema has no type',
    },
    { rule: 'self.free.any == 1', want: `undefined field 'any'`, reason: 'unknown to the schema' },
    {
      rule: 'self.template.metadata.labels == {}',
      want: 'labels',
      reason: 'name and generateName only',
    },
    {
      rule: 'self.replicas > "a"',
      want: `found no matching overload for '_>_' applied to '(int, string)'`,
      reason: 'types',
    },
    {
      rule: 'self.replicas == 3.0',
      want: `found no matching overload for '_==_' applied to '(int, double)'`,
      reason: 'numbers of different types are put in order, but not compared for equality',
    },
    {
      rule: 'self.items == self.name',
      want: `'_==_' applied to '(list(object), string)'`,
      reason: 'types',
    },
    {
      rule: 'self.items[0] == self.template',
      want: `'_==_' applied to '(object, object)'`,
      reason: 'the objects of two schemas are two types',
    },
    { rule: 'self.replicas', want: 'must evaluate to a bool', reason: 'neither true nor false' },
    { rule: '9223372036854775808 > 0', want: 'invalid int literal', reason: '64 bits' },
    { rule: 'self.name.matches("[")', want: 'invalid matches argument', reason: 'no pattern' },
    {
      rule: 'self.name.matches("(x{900}){900}")',
      want: 'invalid matches argument',
      reason: 'a bomb',
    },
    { rule: 'self.name.matches("(?:abc){999}(?:abc){999}")', want: 'too large', reason: 'a bomb' },
    { rule: 'self.name.matches("(?=a)")', want: 'invalid matches argument', reason: 'not RE2' },
    { rule: '', want: 'Required value: rule is not specified', reason: 'as Kubernetes' },
    {
      rule: 'x'.repeat(1 << 20),
      want: 'must be no longer than 8192 characters',
      reason: '1 MB of text',
    },
    {
      rule: `${'('.repeat(4_000)}1${')'.repeat(4_000)}`,
      want: 'compilation failed',
      reason: 'deep',
    },
    { rule: `${'!'.repeat(4_000)}true`, want: 'compilation failed', reason: 'deep' },
    { rule: `self${'.a'.repeat(4_000)}`, want: 'compilation failed', reason: 'deep' },
    {
      rule: `${'true||'.repeat(1_300)}true`,
      want: 'nested too deeply',
      reason: 'deep to the left',
    },
    {
      rule: `${'true?'.repeat(900)}true${':true'.repeat(900)}`,
      want: 'compilation failed',
      reason: 'deep',
    },
  ];
  for (const { rule, want, reason } of rules) {
    it(`refuses ${rule.slice(0, 60)}`, async () => {
      const found = await faults(ruledSchema([{ rule }]));
      expect(found, reason).to.have.length(1);
      expect(found[0], reason).to.contain(want);
      expect(found[0]?.length).to.be.lessThan(2_000);
    });
  }

  const forms: { rule: ValidationRule; want: string }[] = [
    {
      rule: { rule: 'true', message: ' ' },
      want: 'message: Invalid value: " ": message must be non-empty',
    },
    { rule: { rule: 'true', message: 'a\nb' }, want: 'message must not contain line breaks' },
    {
      rule: { rule: 'true ||\nfalse' },
      want: 'message must be specified if rule contains line breaks',
    },
    { rule: { rule: 'true', message: 'x'.repeat(3_000) }, want: 'no longer than 2048 characters' },
    { rule: { rule: 'true', messageExpression: '' }, want: 'messageExpression: Required value' },
    { rule: { rule: 'true', messageExpression: '1' }, want: 'must evaluate to a string' },
    { rule: { rule: 'true', messageExpression: 'self.x' }, want: `undefined field 'x'` },
    { rule: { rule: 'true', fieldPath: 'spec' }, want: 'fieldPath must be a valid path' },
    {
      rule: { rule: 'true', reason: 'Nope' as 'FieldValueInvalid' },
      want: 'Unsupported value: "Nope"',
    },
    { rule: { rule: 'true', optionalOldSelf: true }, want: 'optionalOldSelf: Invalid value: true' },
  ];
  for (const { rule, want } of forms) {
    it(`refuses the form of ${JSON.stringify(rule).slice(0, 60)}`, async () => {
      expect((await faults(ruledSchema([rule]))).join('\n')).to.contain(want);
    });
  }

  it('refuses oldSelf where nobody can tell which value is the old one', async () => {
    const rule = [{ rule: 'self == oldSelf' }];
    const text = { type: 'string', maxLength: 10, 'x-kubernetes-validations': rule };
    const item = { type: 'object', properties: { x: text } };
    const list = (more: object): JsonSchema => ({
      type: 'object',
      properties: { l: { type: 'array', maxItems: 10, ...more, items: item } },
    });
    const path = `${PATH}.properties[l]`;
    const want = `${path}.items.properties[x].x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${path}`;
    expect(await faults(list({}))).to.deep.equal([want]);
    expect(await faults(list({ 'x-kubernetes-list-type': 'set' }))).to.deep.equal([want]);
    const keys = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['x'] };
    expect(await faults(list(keys))).to.deep.equal([]);
    const atomic = { type: 'object', 'x-kubernetes-map-type': 'atomic' };
    const map = { ...atomic, maxProperties: 10, additionalProperties: item };
    expect((await faults({ type: 'object', properties: { m: map } }))[0]).to.contain(
      'uncorrelatable',
    );
  });

  it('refuses rules at a node without a type, and more rules than it would check in time', async () => {
    const rules = [{ rule: 'true' }];
    expect(
      (
        await faults({ type: 'object', properties: { a: { 'x-kubernetes-validations': rules } } })
      )[0],
    ).to.contain('the schema says no type');
    const many = Array.from({ length: 1_001 }, () => ({ rule: 'true' }));
    expect((await faults(ruledSchema(many)))[0]).to.contain('no more than 1000 rules');
    const rule = `self.name != "${'x'.repeat(8_000)}"`;
    const long = Array.from({ length: 40 }, () => ({ rule }));
    expect((await faults(ruledSchema(long)))[0]).to.contain('262144 characters together');
  });
});
