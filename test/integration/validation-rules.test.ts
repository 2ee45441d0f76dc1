import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';

const MERGE = 'application/merge-patch+json';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/rules.example.com/v1/namespaces/default/widgets';
const SCHEMA_AT = 'spec.versions[0].schema.openAPIV3Schema';

function definition(
  spec: object,
  { plural, kind } = { plural: 'widgets', kind: 'Widget' },
): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.rules.example.com` },
    spec: {
      group: 'rules.example.com',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', ...spec },
                status: { type: 'object', properties: { seen: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  };
}

function causesOf(answer: { body: { details?: { causes?: object[] } } }): object[] {
  return answer.body.details?.causes ?? [];
}

/** Rules in CEL of built-in kinds, which the schemas in `api-schemas/` hold, and of definitions. */
describe('validation rules', () => {
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
  });
  after(() => world?.stop());

  for (const { kind, path, data, changed } of [
    { kind: 'Secret', path: 'secrets', data: { k: 'dg==' }, changed: { k: 'dw==' } },
    { kind: 'ConfigMap', path: 'configmaps', data: { k: 'v' }, changed: { k: 'w' } },
  ]) {
    it(`of a built-in kind judge the change: an immutable ${kind}`, async () => {
      const at = `/api/v1/namespaces/default/${path}`;
      const object = { apiVersion: 'v1', kind, metadata: { name: 'kept' }, data };
      expect((await world.call('POST', at, { body: object })).status).to.equal(201);
      const patch = async (body: object): Promise<{ status: number; body: { details?: object } }> =>
        world.call('PATCH', `${at}/kept`, { type: MERGE, body });
      expect((await patch({ data: changed })).status, 'not immutable yet').to.equal(200);
      expect((await patch({ immutable: true })).status).to.equal(200);
      const message = 'Forbidden: field is immutable when `immutable` is set';
      const refused = await patch({ data, immutable: false });
      expect(refused.status).to.equal(422);
      expect(causesOf(refused)).to.deep.equal([
        { reason: 'FieldValueForbidden', field: 'immutable', message },
        { reason: 'FieldValueForbidden', field: 'data', message },
      ]);
      expect(causesOf(await patch({ data: null }))).to.deep.equal([
        { reason: 'FieldValueForbidden', field: 'data', message },
      ]);
      expect((await patch({ metadata: { labels: { a: 'b' } } })).status).to.equal(200);
    });
  }

  const refusals: readonly { name: string; spec: object; want: readonly object[] }[] = [
    {
      name: 'one that does not fit the types',
      spec: {
        properties: { size: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.size > "1"' }],
      },
      want: [
        {
          reason: 'FieldValueInvalid',
          field: `${SCHEMA_AT}.properties[spec].x-kubernetes-validations[0].rule`,
          message:
            'Invalid value: "self.size > \\"1\\"": compilation failed: ERROR: <input>:1:11: found no matching overload for \'_>_\' applied to \'(int, string)\'\n | self.size > "1"\n | ..........^',
        },
      ],
    },
    {
      name: 'one that is no question',
      spec: {
        properties: { size: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.size' }],
      },
      want: [
        {
          reason: 'FieldValueInvalid',
          field: `${SCHEMA_AT}.properties[spec].x-kubernetes-validations[0].rule`,
          message: 'Invalid value: "self.size": cel expression must evaluate to a bool',
        },
      ],
    },
    {
      name: 'one that may cost too much',
      spec: {
        properties: {
          names: {
            type: 'array',
            items: { type: 'string' },
            'x-kubernetes-validations': [{ rule: 'self.all(x, x.contains("a string"))' }],
          },
        },
      },
      want: [
        {
          reason: 'FieldValueForbidden',
          field: `${SCHEMA_AT}.properties[spec].properties[names].x-kubernetes-validations[0].rule`,
          message:
            'Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
        },
      ],
    },
  ];
  for (const { name, spec, want } of refusals) {
    it(`are refused with the definition: ${name}`, async () => {
      const answer = await world.call('POST', DEFINITIONS, { body: definition(spec) });
      expect(answer.status).to.equal(422);
      expect(causesOf(answer).slice(0, want.length)).to.deep.equal(want);
    });
  }

  it('of a definition judge its objects, at their places and in their words', async () => {
    const spec = {
      properties: {
        min: { type: 'integer' },
        max: { type: 'integer' },
        hosts: {
          type: 'array',
          maxItems: 10,
          items: {
            type: 'string',
            maxLength: 100,
            'x-kubernetes-validations': [
              { rule: '!format.dns1123Subdomain().validate(self).hasValue()', message: 'no host' },
            ],
          },
        },
      },
      'x-kubernetes-validations': [
        {
          rule: 'self.min <= self.max',
          messageExpression: '"%d is more than %d".format([self.min, self.max])',
          fieldPath: '.min',
        },
        {
          rule: '!oldSelf.hasValue() || self.max >= oldSelf.value().max',
          optionalOldSelf: true,
          message: 'max cannot shrink',
          reason: 'FieldValueForbidden',
          fieldPath: '.max',
        },
      ],
    };
    const made = await world.call('POST', DEFINITIONS, { body: definition(spec) });
    expect(made.status, JSON.stringify(made.body)).to.equal(201);
    const widget = {
      apiVersion: 'rules.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { min: 3, max: 2, hosts: ['a.example', 'No'] },
    };
    const refused = await eventually('the definition is served', async () => {
      const answer = await world.call('POST', WIDGETS, { body: widget });
      return answer.status !== 404 && answer;
    });
    expect(refused.status).to.equal(422);
    expect(causesOf(refused)).to.deep.equal([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.min',
        message: 'Invalid value: "object": 3 is more than 2',
      },
      {
        reason: 'FieldValueInvalid',
        field: 'spec.hosts[1]',
        message: 'Invalid value: "string": no host',
      },
    ]);
    const right = { ...widget, spec: { min: 1, max: 2, hosts: ['a.example'] } };
    expect((await world.call('POST', WIDGETS, { body: right })).status).to.equal(201);
    const shrunk = { type: MERGE, body: { spec: { max: 1 } } };
    expect(causesOf(await world.call('PATCH', `${WIDGETS}/w`, shrunk))).to.deep.equal([
      { reason: 'FieldValueForbidden', field: 'spec.max', message: 'Forbidden: max cannot shrink' },
    ]);
  });

  it('and schemas that become stricter leave alone what a write does not touch', async () => {
    const at = '/apis/rules.example.com/v1/namespaces/default/rats';
    const rats = (colour: object, rules: object[]): object => {
      const properties = { colour: { type: 'string', ...colour }, size: { type: 'integer' } };
      const spec = { properties, 'x-kubernetes-validations': rules };
      return definition(spec, { plural: 'rats', kind: 'Rat' });
    };
    const place = `${DEFINITIONS}/rats.rules.example.com`;
    expect((await world.call('POST', DEFINITIONS, { body: rats({}, []) })).status).to.equal(201);
    const rat = {
      metadata: { name: 'r', finalizers: ['a.example.com/f'] },
      spec: { colour: 'purple' },
    };
    await eventually(
      'a rat',
      async () => (await world.call('POST', at, { body: rat })).status === 201,
    );
    const stricter = rats({ enum: ['red'] }, [
      { rule: "self.colour == 'red'", message: 'only red' },
    ]);
    const { spec } = stricter as { spec: object };
    expect((await world.call('PATCH', place, { type: MERGE, body: { spec } })).status).to.equal(
      200,
    );
    const other = { metadata: { name: 'x' }, spec: { colour: 'purple' } };
    await eventually('the stricter schema', async () => {
      const { status } = await world.call('POST', `${at}?dryRun=All`, { body: other });
      return status === 422;
    });

    const patch = async (path: string, body: object): Promise<number> =>
      (await world.call('PATCH', `${at}/r${path}`, { type: MERGE, body })).status;
    expect(await patch('', { metadata: { labels: { a: 'b' } } }), 'a label').to.equal(200);
    expect(await patch('/status', { status: { seen: 1 } }), 'the status').to.equal(200);
    expect(await patch('', { spec: { colour: 'blue' } }), 'the colour').to.equal(422);
    await world.call('DELETE', `${at}/r`);
    expect(await patch('', { metadata: { finalizers: null } }), 'the finalizer').to.equal(200);
    expect((await world.call('GET', `${at}/r`)).status).to.equal(404);
  });
});
