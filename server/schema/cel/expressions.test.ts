import { expect } from 'chai';
import type { KindDefinition } from '../../../sdk/api/kind.js';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import { SPEC, ruledSchema } from './expression-fixture.js';
import { checkRules, validateRules } from './index.js';

const [base] = kinds;

/** Faults of a rule on SPEC, those of the rule itself before those of the object. */
async function faultsOf(rule: string): Promise<string> {
  const schema = ruledSchema([{ rule }]);
  const kind = { ...(base as KindDefinition), sensitive: [], schema };
  const faults = await checkRules(schema);
  const found = faults.length > 0 ? faults : await validateRules(kind, subject());
  return found.map(({ field, message }) => `${field}: ${message}`).join('\n');
}

function subject(): { object: object; old: object; schemaErrors: [] } {
  return { object: { spec: SPEC }, old: { spec: { ...SPEC, replicas: 2 } }, schemaErrors: [] };
}

describe('CEL expressions', () => {
  const groups: Readonly<Record<string, readonly string[]>> = {
    operators: [
      'self.replicas >= 3 && self.replicas != 2',
      'self.replicas * 2 - 1 == 5 && 7 / 2 == 3 && -7 % 3 == -1',
      'self.ratio < 1.0 && self.ratio < 1 && self.ratio * 2.0 == 1.0',
      '-9223372036854775808 < 0',
      'self.on ? self.replicas == 3 : false',
      '!(self.replicas in [1, 2]) && "a" in self.labels',
      '"a" + "b" == "ab" && [1] + [2] == [1, 2] && b"a" + b"b" == b"ab"',
      'self.name == "x" ? 1 / 0 == 0 : true',
      '1 / 0 == 1 || true',
      '!(false && 1 / 0 == 1)',
      'dyn(1) == 1.0 && dyn("1") != 1',
      '{"a": 1}["a"] == 1 && {"a": 1}.a == 1 && size({1: 2}) == 1',
    ],
    fields: [
      'has(self.name) && has(self.note)',
      'has(self.items[0].size)',
      'has(self.labels.a) && !has(self.labels.z)',
      'self.__namespace__ == "ns"',
      'self.a__dash__b__dot__c__slash__d__underscores__e == "escaped"',
      'self.note == null',
      'self.labels["b/c"] == "y" && self.labels.a == "x"',
      'self.template.metadata.name == "web" && self.template.kind == "Pod"',
      'self.port == 80 && type(self.port) == int',
      'self.data == b"hi" && string(self.data) == "hi"',
    ],
    macros: [
      'self.tags.all(t, t != "c") && self.labels.all(k, self.labels[k].size() == 1)',
      'self.tags.exists(t, t == "b") && !self.tags.exists(t, t == "c")',
      'self.tags.exists_one(t, t == "b")',
      'self.tags.map(t, t + "1") == ["a1", "b1"]',
      'self.numbers.map(n, n > 1, n * 2) == [6, 4]',
      'self.numbers.filter(n, n > 1).size() == 2',
      '[0, 1].exists(n, 1 / n == 1) && ![0, 1].all(n, 1 / n == 2)',
      '[1, 2].all(x, [3].all(y, [x].all(x, x < y)) && x < 3)',
      'cel.bind(x, self.replicas, x * x) == 9',
    ],
    optional: [
      'self.?name.orValue("x") == self.name',
      'self.labels[?"z"].orValue("d") == "d"',
      'self.?labels["a"].optMap(v, v + "!").orValue("") == "x!"',
      'optional.of(1).hasValue() && !optional.none().hasValue()',
      'self.labels[?"z"].or(self.labels[?"a"]).value() == "x"',
      '!optional.ofNonZeroValue("").hasValue()',
    ],
    strings: [
      'self.name.size() == 7 && self.name.charAt(6) == "😀"',
      'self.name.substring(0, 2) == "hé" && self.name.substring(5) == "-😀"',
      'self.name.indexOf("😀") == 6 && self.name.lastIndexOf("l") == 3 && "aba".indexOf("a", 1) == 2',
      'self.name.upperAscii() == "HéLLO-😀" && "ABC".lowerAscii() == "abc"',
      '"a,b,c".split(",") == ["a", "b", "c"] && "a,b,c".split(",", 2) == ["a", "b,c"]',
      '"aaa".replace("a", "b", 2) == "bba" && "aaa".replace("a", "") == ""',
      '["x", "y"].join(",") == "x,y" && " x ".trim() == "x" && "ab".reverse() == "ba"',
      '"%s has %d of %.2f, %x".format([self.name, 3, 1.5, 255]) == "héllo-😀 has 3 of 1.50, ff"',
      '"abc".startsWith("ab") && "abc".endsWith("bc") && "abc".contains("b")',
      '"😀" > "\\uffee"',
    ],
    lists: [
      'self.tags == ["b", "a"] && self.tags + ["b", "c"] == ["a", "b", "c"]',
      'self.items + self.items == self.items',
      '!self.numbers.isSorted() && [1, 2, 2].isSorted() && ["a", "b"].isSorted()',
      'self.numbers.sum() == 6 && self.numbers.min() == 1 && self.numbers.max() == 3',
      'self.numbers.indexOf(1) == 1 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(5) == -1',
      'self.items.map(i, i.size).sum() == 3',
    ],
    conversions: [
      'int("-5") == -5 && double("1.5") == 1.5 && string(5) == "5" && bool("true") && int(2.9) == 2',
      'type(1) == int && type(self.at) == google.protobuf.Timestamp && type([]) == list',
      'string(self.ttl) == "5400s" && string(self.at) == "2026-01-02T03:04:05.5Z"',
      'string(1.5) == "1.5" && bytes("hi") == b"hi"',
    ],
    times: [
      'self.at > timestamp("2025-01-01T00:00:00Z") && self.day < timestamp("2026-02-01T00:00:01Z")',
      'self.at.getFullYear() == 2026 && self.at.getMonth() == 0 && self.at.getDate() == 2',
      'self.at.getHours("Europe/Berlin") == 4 && self.at.getHours("-01:00") == 2',
      'self.at.getDayOfWeek() == 5 && self.day.getDayOfYear() == 31',
      'self.ttl == duration("90m") && self.ttl.getMinutes() == 90',
      'self.at + self.ttl - self.at == self.ttl && duration("-1.5s").getMilliseconds() == -1500',
    ],
    'Kubernetes functions': [
      'self.name.matches("^h.*o-") && !self.name.matches("^e")',
      'self.name.find("l+") == "ll" && self.name.findAll("[a-z]") == ["h", "l", "l", "o"]',
      '"a1b2".findAll("[0-9]", 1) == ["1"]',
      'quantity(self.memory).isGreaterThan(quantity("500Mi")) && !isQuantity("1.5x")',
      'quantity("1Ki").asInteger() == 1024 && quantity("1.5").sub(quantity("0.5")).isInteger()',
      'url("https://u@h.example:81/p?x=1&x=2").getHost() == "h.example:81" && isURL("/x")',
      'url("https://a/b?x=1&x=2").getQuery()["x"] == ["1", "2"] && !isURL("../x")',
      'isIP("::1") && ip("0:0::1") == ip("::1") && !isIP("10.0.0.256") && ip("::1").family() == 6',
      'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsCIDR("10.0.0.0/7")',
    ],
    'the old object': [
      'oldSelf.replicas < self.replicas',
      'self != oldSelf',
      'self.free == oldSelf.free',
    ],
  };
  for (const [group, expressions] of Object.entries(groups)) {
    for (const expression of expressions) {
      it(`${group}: ${expression}`, async () => {
        expect(await faultsOf(expression)).to.equal('');
        // An expression that only seems to be evaluated would hold as well when negated.
        expect(await faultsOf(`!(${expression})`)).to.contain('failed rule: ');
      });
    }
  }

  const failing: readonly { rule: string; want: string; reason: string }[] = [
    { rule: '1 / 0 == 1', want: 'division by zero evaluating rule: ', reason: 'as cel-go' },
    { rule: '1 % 0 == 1', want: 'modulus by zero evaluating rule: ', reason: 'as cel-go' },
    { rule: '9223372036854775807 + 1 > 0', want: 'integer overflow evaluating', reason: '64 bits' },
    { rule: '-(-9223372036854775808) > 0', want: 'integer overflow evaluating', reason: '64 bits' },
    { rule: 'self.tags[5] == "x"', want: 'index out of bounds: 5 evaluating', reason: 'as cel-go' },
    { rule: 'self.tags[-1] == "x"', want: 'index out of bounds: -1', reason: 'not from the end' },
    { rule: 'self.labels["q"] == "x"', want: 'no such key: q evaluating', reason: 'as cel-go' },
    { rule: '"abc".substring(4) == ""', want: 'index out of range: 4', reason: 'as cel-go' },
    {
      rule: 'int("x") == 1',
      want: "type conversion error from 'string' to 'int'",
      reason: 'cel-go',
    },
    {
      rule: 'int("1" + "0" + "000000000000000000") > 0',
      want: 'integer overflow',
      reason: '64 bits',
    },
    {
      rule: 'duration("9999999" + "9h") > self.ttl',
      want: "to 'duration'",
      reason: 'out of range',
    },
    {
      rule: 'self.name.matches("[" + "x")',
      want: 'error parsing regexp',
      reason: 'built at run time',
    },
    { rule: 'self.port == "80"', want: 'failed rule', reason: 'different types are different' },
    {
      rule: 'self.port.startsWith("x")',
      want: "'no such overload': call arguments did not match a supported operator",
      reason: 'an int-or-string has its type at run time only',
    },
    { rule: '[].min() == 1', want: 'min called on empty list', reason: 'there is none' },
    { rule: 'optional.none().value() == 1', want: 'optional.none() dereference', reason: 'empty' },
    {
      rule: '{"a": 1, "a": 2}.a == 1',
      want: 'insert failed: key already exists',
      reason: 'cel-go',
    },
  ];
  for (const { rule, want, reason } of failing) {
    it(`${rule}: ${want}`, async () => {
      expect(await faultsOf(rule), reason)
        .to.match(/^spec: Invalid value: "object": /)
        .and.contain(want);
    });
  }
});
