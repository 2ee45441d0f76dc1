import { expect } from 'chai';
import * as fc from 'fast-check';
import type { ApiObject } from '../../sdk/api/object.js';
import { fieldsOfObject } from './fields-of-object.js';
import { hasPath, leavesOf, pathsOf } from './field-set.js';
import { fromFieldsV1 } from './fields-v1.js';
import { withoutUnownedFields } from './managed-fields.js';
import { schemaNodeOf } from './schema-walk.js';
import {
  applyWidget,
  updateWidget,
  widget,
  WIDGET_SCHEMA,
} from '../../test/support/widget-fixture.js';

const text = fc.constantFrom('1', '2', '3');
const number = fc.integer({ min: 1, max: 3 });
const partial = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });

const spec = partial({
  replicas: number,
  image: text,
  struct: partial({ a: text, b: text }),
  map: fc.dictionary(fc.constantFrom('k', 'l', 'constructor', '__proto__'), text),
  atomicMap: fc.dictionary(fc.constantFrom('x', 'y'), text),
  atomicList: fc.array(text, { maxLength: 3 }),
  tags: fc.uniqueArray(text, { maxLength: 3 }),
  free: fc.dictionary(fc.constantFrom('p', 'q'), fc.oneof(text, partial({ r: text }))),
  items: fc.uniqueArray(
    fc.record(
      { name: fc.constantFrom('i', 'j', 'k'), value: number, note: text },
      { requiredKeys: ['name'] },
    ),
    { maxLength: 3, selector: (item) => item.name },
  ),
});
const body = fc
  .tuple(spec, partial({ labels: fc.dictionary(text, text), finalizers: fc.uniqueArray(text) }))
  .map(([value, metadata]) => widget(value, { metadata }));

const step = fc.record({
  verb: fc.constantFrom('apply', 'update'),
  manager: fc.constantFrom('a', 'b', 'c'),
  body,
});
const history = fc.array(step, { minLength: 1, maxLength: 6 });

function run(steps: readonly { verb: string; manager: string; body: ApiObject }[]): ApiObject {
  let live: ApiObject | undefined;
  for (const { verb, manager, body: given } of steps) {
    if (verb === 'apply') live = applyWidget({ live, applied: given, manager, force: true });
    else live = updateWidget({ live, updated: given, manager });
  }
  return live ?? widget({});
}

describe('server-side apply, properties', () => {
  it('applying the same configuration again gives the same object', () => {
    fc.assert(
      fc.property(history, body, (steps, applied) => {
        const once = applyWidget({ live: run(steps), applied, force: true, step: 1 });
        expect(applyWidget({ live: once, applied, step: 2 })).to.equal(once);
      }),
      { numRuns: 300 },
    );
  });

  it('what is applied is in the result, and owned', () => {
    fc.assert(
      fc.property(history, body, (steps, applied) => {
        const node = schemaNodeOf(WIDGET_SCHEMA);
        const result = applyWidget({ live: run(steps), applied, force: true, manager: 'a' });
        const entry = result.metadata.managedFields?.find(
          ({ manager, operation }) => manager === 'a' && operation === 'Apply',
        );
        const wanted = withoutUnownedFields(fieldsOfObject(applied, node, ''));
        expect(pathsOf(fromFieldsV1(entry?.fieldsV1))).to.deep.equal(pathsOf(wanted));
        const present = fieldsOfObject(result, node, '');
        for (const path of pathsOf(leavesOf(wanted))) {
          const isEmptyStruct = !hasPath(present, path) && path.at(-1)?.startsWith('f:') === true;
          expect(hasPath(present, path) || isEmptyStruct, path.join('/')).to.equal(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('a field of one manager alone goes when it applies without it', () => {
    fc.assert(
      fc.property(body, body, (first, second) => {
        const created = applyWidget({ applied: first });
        const replaced = applyWidget({ live: created, applied: second, step: 1 });
        const fresh = applyWidget({ applied: second, step: 1 });
        const node = schemaNodeOf(WIDGET_SCHEMA);
        // An empty list is owned by nobody, so it may stay where it was.
        expect(pathsOf(fieldsOfObject(replaced, node, ''))).to.deep.equal(
          pathsOf(fieldsOfObject(fresh, node, '')),
        );
        expect(replaced.metadata.managedFields).to.deep.equal(fresh.metadata.managedFields);
      }),
      { numRuns: 300 },
    );
  });

  it('never modifies its inputs', () => {
    fc.assert(
      fc.property(history, body, (steps, applied) => {
        const live = run(steps);
        const before = JSON.stringify([live, applied]);
        applyWidget({ live, applied, force: true });
        updateWidget({ live, updated: applied });
        expect(JSON.stringify([live, applied])).to.equal(before);
      }),
      { numRuns: 100 },
    );
  });
});
