import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { withOwnersApart, withOwnersIn } from './field-owners.js';

const v1 = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
} as unknown as KindDefinition;
const v2 = {
  ...v1,
  version: 'v2',
  storageVersion: 'v1',
  conversion: {
    of: 'v1',
    moved: [
      { from: 'spec.a', to: 'spec.b' },
      { from: 'spec.secret', to: 'spec.access.secret' },
    ],
  },
};
const registry = new KindRegistry([v1, v2]);

function object(...entries: [version: string, fieldsV1: object][]): ApiObject {
  return {
    apiVersion: 'example.com/v2',
    kind: 'Widget',
    metadata: {
      name: 'w',
      managedFields: entries.map(([version, fieldsV1]) => ({
        manager: 'm',
        operation: 'Apply' as const,
        apiVersion: `example.com/${version}`,
        fieldsType: 'FieldsV1' as const,
        fieldsV1: fieldsV1 as Record<string, unknown>,
      })),
    },
  };
}
const fieldsOf = ({ metadata }: ApiObject): unknown[] =>
  (metadata.managedFields ?? []).map(({ fieldsV1 }) => fieldsV1);

const cases: { name: string; reason: string; inV1: object; inV2: object }[] = [
  {
    name: 'Renamed',
    reason: 'the field has another name',
    inV1: { 'f:spec': { 'f:a': {}, 'f:z': {} } },
    inV2: { 'f:spec': { 'f:b': {}, 'f:z': {} } },
  },
  {
    name: 'Moved',
    reason: 'with all that is in it',
    inV1: { 'f:spec': { 'f:secret': { '.': {}, 'f:name': {} } } },
    inV2: { 'f:spec': { 'f:access': { 'f:secret': { '.': {}, 'f:name': {} } } } },
  },
  {
    name: 'Untouched',
    reason: 'it is where it was',
    inV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } },
    inV2: { 'f:metadata': { 'f:labels': { 'f:x': {} } } },
  },
];

describe('who owns fields, over versions', () => {
  for (const { name, reason, inV1, inV2 } of cases) {
    it(`${name}: ${reason}`, () => {
      const given = object(['v1', inV1], ['v2', inV2]);
      const seen = withOwnersIn(registry, v2, given);
      expect(fieldsOf(seen)).to.deep.equal([inV2, inV2]);
      expect(fieldsOf(withOwnersApart(registry, v2, seen))).to.deep.equal([inV1, inV2]);
      expect(fieldsOf(given), 'the given object').to.deep.equal([inV1, inV2]);
      const back = withOwnersIn(registry, v1, given);
      expect(fieldsOf(back)).to.deep.equal([inV1, inV1]);
    });
  }

  it('costs nothing where no conversion is declared', () => {
    const plain = new KindRegistry([v1]);
    const given = object(['v1', {}]);
    expect(withOwnersIn(plain, v1, given)).to.equal(given);
  });
});
