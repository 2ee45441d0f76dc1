import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { kindsOf } from '../../hack/codegen/kind-model.js';
import { loadSchemaFolder } from '../../hack/codegen/load-schemas.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const WIDGET = `
x-threeport:
  group: example.threeport.io
  version: v1alpha1
  kind: Widget
  plural: widgets
  shortNames: [wd]
  scope: Namespaced
  subresources: { status: true }
  printerColumns:
    - { name: Size, type: integer, jsonPath: .spec.size }
description: A widget of some size.
type: object
required: [spec]
properties:
  spec:
    type: object
    required: [size]
    x-validations:
      - rule: self.size >= oldSelf.size
        message: a widget cannot shrink
        fieldPath: .size
      - rule: self.size < 10 || self.colour == 'blue'
        messageExpression: "'%d is too big for a %s one'.format([self.size, self.colour])"
    properties:
      size: { description: 'How big it is.', type: integer, minimum: 1, x-indexed: true }
      colour: { type: string, enum: [red, blue], default: red, x-immutable: true }
  status:
    type: object
    x-validations:
      - { rule: self.used <= self.total, message: more is used than there is }
    properties:
      used: { type: integer, default: 0 }
      total: { type: integer, default: 0 }
`;
const WIDGETS = '/apis/example.threeport.io/v1alpha1/namespaces/default/widgets';

/** docs/adding-a-kind.md: one schema file, and nothing else, makes a kind that is served. */
describe('a kind that is only a schema file', () => {
  let folder: string;
  let database: TestDatabase;
  let world: ApiWorld;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'schemas-'));
    await cp('api-schemas', folder, { recursive: true });
    await writeFile(join(folder, 'widget.yaml'), WIDGET);
    const kinds = kindsOf(await loadSchemaFolder(folder));
    database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    world = await startApiWorld({ kinds, store });
  });
  after(async () => {
    await world?.stop();
    await world?.store.stop();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  const widget = (name: string, spec: object): object => ({
    apiVersion: 'example.threeport.io/v1alpha1',
    kind: 'Widget',
    metadata: { name },
    spec,
  });

  it('is created with its defaults, listed by its indexed field and deleted', async () => {
    for (const [name, size] of [
      ['small', 1],
      ['big', 9],
    ] as const) {
      const created = await world.call('POST', WIDGETS, { body: widget(name, { size }) });
      expect(created.status).to.equal(201);
      expect(created.body.spec).to.deep.equal({ size, colour: 'red' });
      expect(created.body.metadata.generation).to.equal(1);
    }
    const big = await world.call('GET', `${WIDGETS}?fieldSelector=spec.size=9`);
    expect(
      big.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).to.deep.equal(['big']);
    expect((await world.call('DELETE', `${WIDGETS}/big`)).status).to.equal(200);
    expect((await world.call('GET', `${WIDGETS}/big`)).status).to.equal(404);
  });

  const refusals: { name: string; reason: string; spec: object; want: RegExp }[] = [
    { name: 'Missing', reason: 'size is required', spec: {}, want: /spec\.size: Required value/ },
    {
      name: 'TooSmall',
      reason: 'the minimum is 1',
      spec: { size: 0 },
      want: /spec\.size.*greater than or equal to 1/,
    },
    {
      name: 'NotAllowed',
      reason: 'the colours are listed',
      spec: { size: 1, colour: 'green' },
      want: /"green".*red.*blue/,
    },
    {
      name: 'AgainstARule',
      reason: 'large ones are blue',
      spec: { size: 12 },
      want: /Widget\.example\.threeport\.io "x" is invalid: spec: Invalid value: "object": 12 is too big for a red one/,
    },
  ];
  for (const { name, reason, spec, want } of refusals) {
    it(`is validated: ${name}`, async () => {
      const answer = await world.call('POST', WIDGETS, { body: widget('x', spec) });
      expect(answer.status, reason).to.equal(422);
      expect(answer.body.message).to.match(want);
    });
  }

  it('is judged by rules about the change', async () => {
    const made = await world.call('POST', WIDGETS, { body: widget('grows', { size: 3 }) });
    expect(made.status).to.equal(201);
    const type = 'application/merge-patch+json';
    const shrink = { type, body: { spec: { size: 2 } } };
    const refused = await world.call('PATCH', `${WIDGETS}/grows`, shrink);
    expect(refused.status).to.equal(422);
    expect(refused.body.details.causes).to.deep.equal([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.size',
        message: 'Invalid value: "object": a widget cannot shrink',
      },
    ]);
    const grow = { type, body: { spec: { size: 4 } } };
    expect((await world.call('PATCH', `${WIDGETS}/grows`, grow)).status).to.equal(200);
  });

  it('has its status judged by the rules of the status', async () => {
    await world.call('POST', WIDGETS, { body: widget('used', { size: 3 }) });
    const type = 'application/merge-patch+json';
    const put = (status: object): ReturnType<ApiWorld['call']> =>
      world.call('PATCH', `${WIDGETS}/used/status`, { type, body: { status } });
    const refused = await put({ used: 2, total: 1 });
    expect(refused.status).to.equal(422);
    expect(refused.body.message).to.contain(
      'status: Invalid value: "object": more is used than there is',
    );
    expect((await put({ used: 2, total: 5 })).status).to.equal(200);
  });

  it('keeps what is immutable', async () => {
    await world.call('POST', WIDGETS, { body: widget('fixed', { size: 1 }) });
    const answer = await world.call('PATCH', `${WIDGETS}/fixed`, {
      type: 'application/merge-patch+json',
      body: { spec: { colour: 'blue' } },
    });
    expect(answer.status).to.equal(422);
    expect(answer.body.message).to.match(/spec\.colour.*immutable/);
  });

  it('is discovered, explained and printed', async () => {
    const resources = await world.call('GET', '/apis/example.threeport.io/v1alpha1');
    expect(resources.body.resources[0]).to.include({
      name: 'widgets',
      kind: 'Widget',
      namespaced: true,
    });
    const openApi = await world.call('GET', '/openapi/v3/apis/example.threeport.io/v1alpha1');
    expect(JSON.stringify(openApi.body.components.schemas))
      .to.include('How big it is.')
      .and.include('"x-kubernetes-validations":[{"rule":"self.size >= oldSelf.size"');
    const table = await world.call('GET', WIDGETS, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(table.body.columnDefinitions.map((column: { name: string }) => column.name)).to.include(
      'Size',
    );
  });
});
