import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiWorld } from '../../test/support/api-world.js';
import { startApiWorld } from '../../test/support/api-world.js';
import { UNCONVERTED_ANNOTATION } from './convert-object.js';

const text: JsonSchema = { type: 'string' };
const MERGE = 'application/merge-patch+json';

function kindOf(
  version: string,
  spec: Record<string, JsonSchema>,
  status: Record<string, JsonSchema>,
  others: Partial<KindDefinition>,
): KindDefinition {
  return {
    group: 'example.com',
    version,
    kind: 'Widget',
    plural: 'widgets',
    singular: 'widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced: true,
    status: true,
    printerColumns: [],
    references: [],
    indexed: [],
    immutable: [],
    sensitive: [],
    schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: spec },
        status: { type: 'object', properties: status },
      },
    },
    ...others,
  };
}

/** Stored, with fields that the other version has no place for. */
const v1 = kindOf(
  'v1',
  { colour: text, size: { type: 'integer', maximum: 3 } },
  { phase: text, detail: text },
  {},
);
const v2 = kindOf(
  'v2',
  { shade: text },
  { phase: text },
  {
    storageVersion: 'v1',
    conversion: { of: 'v1', moved: [{ from: 'spec.colour', to: 'spec.shade' }] },
  },
);

const path = (version: string): string => `/apis/example.com/${version}/namespaces/default/widgets`;

describe('what an object brings along for the version in which it is stored', () => {
  let world: ApiWorld;
  let made = 0;

  before(async () => (world = await startApiWorld({ kinds: [...kinds, v1, v2] })));
  after(() => world.stop());

  const keeping = (field: readonly string[], value: unknown) => ({
    annotations: { [UNCONVERTED_ANNOTATION]: JSON.stringify([{ path: field, value }]) },
  });
  const create = (metadata: object = {}) => {
    const name = `widget-${++made}`;
    const body = {
      apiVersion: 'example.com/v2',
      kind: 'Widget',
      metadata: { ...metadata, name },
      spec: { shade: 'red' },
    };
    return world.call('POST', path('v2'), { body });
  };
  const read = async (version: string) =>
    (await world.call('GET', `${path(version)}/widget-${made}`)).body;
  const patch = (version: string, suffix: string, body: object) =>
    world.call('PATCH', `${path(version)}/widget-${made}${suffix}`, { type: MERGE, body });

  it('is refused in a new object when that version does not take it', async () => {
    const { status, body } = await create(keeping(['spec', 'size'], 99));
    expect(status, JSON.stringify(body)).to.equal(422);
    expect(body.message).to.contain('spec.size');
  });

  it('is refused in a change when that version does not take it', async () => {
    expect((await create()).status).to.equal(201);
    const { status, body } = await patch('v2', '', { metadata: keeping(['spec', 'size'], 'many') });
    expect(status, JSON.stringify(body)).to.equal(422);
    expect((await read('v1')).spec).to.deep.equal({ colour: 'red' });
  });

  it('is taken when that version takes it: it could have been written there', async () => {
    expect((await create(keeping(['spec', 'size'], 2))).status).to.equal(201);
    expect((await read('v1')).spec).to.deep.equal({ colour: 'red', size: 2 });
  });

  it('is no way to write the status', async () => {
    expect((await create(keeping(['status', 'detail'], 'forged'))).status).to.equal(201);
    expect(await read('v1')).to.not.have.property('status');
    await patch('v2', '', { metadata: keeping(['status', 'detail'], 'forged') });
    await patch('v1', '/status', { status: { phase: 'Ready' } });
    await patch('v2', '', { metadata: keeping(['status', 'detail'], 'forged') });
    expect((await read('v1')).status).to.deep.equal({ phase: 'Ready' });
  });

  it('of the status outlasts a write that leaves it out', async () => {
    expect((await create()).status).to.equal(201);
    await patch('v1', '/status', { status: { phase: 'Ready', detail: 'all of it' } });
    const body = await read('v2');
    delete body.metadata.annotations;
    const replaced = await world.call('PUT', `${path('v2')}/widget-${made}`, {
      body: { ...body, spec: { shade: 'blue' } },
    });
    expect(replaced.status, JSON.stringify(replaced.body)).to.equal(200);
    expect(await read('v1')).to.deep.include({
      spec: { colour: 'blue' },
      status: { phase: 'Ready', detail: 'all of it' },
    });
  });
});
