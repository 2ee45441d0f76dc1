import { expect } from 'chai';
import { isApiError } from '../../sdk/api/errors.js';
import type { JsonObject } from './json-object.js';
import { applyStrategicMergePatch } from './strategic-merge-patch.js';

const SCHEMA = {
  properties: {
    spec: {
      properties: {
        strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' },
        selector: { 'x-kubernetes-patch-strategy': 'replace' },
        rules: { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'id' },
        conditions: { 'x-kubernetes-list-type': 'atomic' },
      },
    },
  },
};

describe('applyStrategicMergePatch', () => {
  const cases: { name: string; target: JsonObject; patch: JsonObject; want: JsonObject }[] = [
    {
      name: 'merges items by the schema’s key, new ones first',
      target: { spec: { rules: [{ id: 1, a: 1, gone: 1 }, { id: 2 }] } },
      patch: { spec: { rules: [{ id: 3 }, { id: 1, b: 2, gone: null }] } },
      want: { spec: { rules: [{ id: 3 }, { id: 1, a: 1, b: 2 }, { id: 2 }] } },
    },
    {
      name: 'merges by well-known keys without a schema',
      target: {
        containers: [
          { name: 'c', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      patch: {
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [{ name: 'A', value: '2' }],
            ports: [{ containerPort: 80, name: 'web' }],
          },
        ],
        volumes: [{ name: 'v', $patch: 'delete' }],
      },
      want: {
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [{ name: 'A', value: '2' }],
            ports: [{ containerPort: 80, name: 'web' }],
          },
        ],
        volumes: [],
      },
    },
    {
      name: 'service ports merge by port',
      target: { spec: { ports: [{ port: 80, name: 'a' }, { port: 81 }] } },
      patch: { spec: { ports: [{ port: 81, name: 'b' }] } },
      want: {
        spec: {
          ports: [
            { port: 80, name: 'a' },
            { port: 81, name: 'b' },
          ],
        },
      },
    },
    {
      name: 'an atomic list is replaced, whatever its name',
      target: { spec: { conditions: [{ type: 'A' }] } },
      patch: { spec: { conditions: [{ type: 'B' }] } },
      want: { spec: { conditions: [{ type: 'B' }] } },
    },
    {
      name: '$patch: replace of a map, a list, and delete of a map',
      target: {
        labels: { a: 1 },
        env: [{ name: 'A' }],
        data: { x: 1 },
        spec: { selector: { a: 1 } },
      },
      patch: {
        labels: { $patch: 'replace', b: 2 },
        env: [{ $patch: 'replace' }, { name: 'B' }],
        data: { $patch: 'delete' },
        spec: { selector: { b: 2 } },
      },
      want: { labels: { b: 2 }, env: [{ name: 'B' }], data: {}, spec: { selector: { b: 2 } } },
    },
    {
      name: '$retainKeys',
      target: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { x: 1 } } } },
      patch: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      want: { spec: { strategy: { type: 'Recreate' } } },
    },
    {
      name: 'values of a merged list, deleted values, order',
      target: { metadata: { finalizers: ['a', 'b', 'c'] } },
      patch: {
        metadata: {
          '$deleteFromPrimitiveList/finalizers': ['b'],
          '$setElementOrder/finalizers': ['d', 'c', 'a'],
          finalizers: ['d'],
        },
      },
      want: { metadata: { finalizers: ['d', 'c', 'a'] } },
    },
    {
      name: '$setElementOrder keeps what only the server knows beside its neighbours',
      target: { containers: [{ name: 'a' }, { name: 's' }, { name: 'b' }] },
      patch: {
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
        containers: [{ name: 'b', image: 'i' }],
      },
      want: { containers: [{ name: 's' }, { name: 'b', image: 'i' }, { name: 'a' }] },
    },
    {
      name: 'null removes, also where nothing is, and never stays',
      target: { a: 1 },
      patch: { a: null, b: null, c: { d: null, e: 1 } },
      want: { c: { e: 1 } },
    },
    {
      name: 'a list of scalars without strategy is replaced',
      target: { args: ['a'] },
      patch: { args: ['b'] },
      want: { args: ['b'] },
    },
  ];
  for (const { name, target, patch, want } of cases) {
    it(name, () => {
      const before = structuredClone({ target, patch });
      expect(applyStrategicMergePatch(target, patch, SCHEMA)).to.deep.equal(want);
      expect({ target, patch }).to.deep.equal(before);
    });
  }

  const faults: { name: string; patch: unknown; message: RegExp }[] = [
    { name: 'no object', patch: [], message: /must be an object/ },
    {
      name: 'unknown directive',
      patch: { a: { $patch: 'x' } },
      message: /unknown patch type "x" at \.a/,
    },
    {
      name: 'no merge key',
      patch: { spec: { rules: [{ a: 1 }] } },
      message: /\.spec\.rules does not contain declared merge key: id/,
    },
    {
      name: 'stray key',
      patch: { spec: { strategy: { $retainKeys: ['type'], other: 1 } } },
      message: /\.spec\.strategy\.other is set but not in \$retainKeys/,
    },
    { name: 'order is no list', patch: { '$setElementOrder/env': 1 }, message: /must be a list/ },
  ];
  for (const { name, patch, message } of faults) {
    it(`refuses: ${name}`, () => {
      try {
        applyStrategicMergePatch({}, patch, SCHEMA);
        expect.fail('no error');
      } catch (error) {
        expect(isApiError(error, 'BadRequest'), String(error)).to.equal(true);
        expect(String(error)).to.match(message);
      }
    });
  }

  it('changes no prototype', () => {
    const patch: unknown = JSON.parse('{"__proto__":{"polluted":1}}');
    const got = applyStrategicMergePatch({}, patch, undefined);
    expect(got['polluted']).to.equal(undefined);
    expect(({} as JsonObject)['polluted']).to.equal(undefined);
  });
});
