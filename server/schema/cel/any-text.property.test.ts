import * as fc from 'fast-check';
import { expect } from 'chai';
import type { KindDefinition } from '../../../sdk/api/kind.js';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import { SPEC, ruledSchema } from './expression-fixture.js';
import { checkRules, validateRules } from './index.js';

const [base] = kinds;
const TOKENS =
  `self oldSelf .tags .items .labels .name .port .at .ttl .replicas .?name ["a"] [0] [?0] ( ) [ ] { }
  , : ? ! - + * / % == != < >= in && || 1 0 1.5 "x" "[" true null dyn(self.port) has(self.name) size(
  .all(x, .exists(x, .map(x, .filter(x, x x.size() .size() .matches("a+") .find(self.name) .split("")
  .join() .sum() .min() .isSorted() .indexOf( optional.of( .orValue( type( int( string( timestamp(
  duration( quantity( url( ip( .format([ ]) cel.bind(x, .getHours() .optMap(x,`.split(/\s+/);

describe('rules of any text', () => {
  it('are refused or judge the object: nothing else comes of them', async () => {
    const text = fc.oneof(
      fc.array(fc.constantFrom(...TOKENS), { maxLength: 14 }).map((tokens) => tokens.join(' ')),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (rule, optionalOldSelf) => {
        const schema = ruledSchema([{ rule, messageExpression: rule, optionalOldSelf }]);
        const kind: KindDefinition = { ...(base as KindDefinition), sensitive: [], schema };
        const subject = { object: { spec: SPEC }, old: { spec: { ...SPEC, replicas: 1 } } };
        const faults = await checkRules(schema);
        const errors = await validateRules(kind, { ...subject, schemaErrors: [] });
        for (const { message } of [...faults, ...errors]) expect(message).to.match(/^\w+ value: /);
      }),
      { numRuns: 500 },
    );
  });
});
