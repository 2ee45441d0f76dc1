import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { SwaggerPathItem } from './openapi-v2-paths.js';
import { OpenApiV2 } from './openapi-v2.js';

function gearKind(schema: JsonSchema): KindDefinition {
  return {
    group: 'example.com',
    version: 'v1',
    kind: 'Gear',
    plural: 'gears',
    singular: 'gear',
    listKind: 'GearList',
    shortNames: [],
    categories: [],
    namespaced: true,
    status: true,
    printerColumns: [],
    references: [],
    indexed: [],
    immutable: [],
    sensitive: [],
    schema,
  };
}

interface Swagger {
  readonly paths: Readonly<Record<string, SwaggerPathItem>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

async function documentWith(schema: JsonSchema): Promise<Swagger> {
  const registry = new KindRegistry([...kinds, gearKind(schema)]);
  return JSON.parse(await new OpenApiV2(registry, 'v1').json()) as Swagger;
}

async function publishedOf(schema: JsonSchema): Promise<JsonSchema> {
  return (await documentWith(schema)).definitions['com.example.v1.Gear'] ?? {};
}

describe('OpenAPI v2', () => {
  // Each as kube-apiserver v1.20 publishes it, see apiextensions' ToStructuralOpenAPIV2.
  const free = 'x-kubernetes-preserve-unknown-fields';
  const fields: { reason: string; given: JsonSchema; want: JsonSchema }[] = [
    {
      reason: 'fields beside those that are named would be refused',
      given: { type: 'object', [free]: true, properties: { a: { type: 'string' } } },
      want: { [free]: true },
    },
    { reason: 'null would be refused', given: { type: 'string', nullable: true }, want: {} },
    {
      reason: 'nobody reads defaults',
      given: { type: 'integer', default: 3, minimum: 1 },
      want: { type: 'integer', minimum: 1 },
    },
    {
      reason: 'alternatives are not known',
      given: {
        type: 'object',
        properties: { x: { type: 'string' } },
        oneOf: [{ required: ['x'] }],
      },
      want: { type: 'object', properties: { x: { type: 'string' } } },
    },
    {
      reason: 'fields may be called as keywords are',
      given: {
        type: 'object',
        properties: { default: { type: 'string', default: 'a' }, oneOf: { type: 'string' } },
      },
      want: {
        type: 'object',
        properties: { default: { type: 'string' }, oneOf: { type: 'string' } },
      },
    },
  ];
  for (const { reason, given, want } of fields) {
    it(`says less of a field, since otherwise ${reason}`, async () => {
      const schema = { type: 'object', properties: { field: given } };
      expect((await publishedOf(schema))['properties']).to.deep.include({ field: want });
    });
  }

  it('says nothing of the fields of a kind that takes any', async () => {
    expect(await publishedOf({ type: 'object', [free]: true })).to.deep.equal({
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Gear' }],
    });
  });

  it("has the paths of every kind, and those to watch of Kubernetes' own", async () => {
    const { paths } = await documentWith({ type: 'object' });
    expect(Object.keys(paths).filter((path) => path.includes('gears'))).to.deep.equal([
      '/apis/example.com/v1/gears',
      '/apis/example.com/v1/namespaces/{namespace}/gears',
      '/apis/example.com/v1/namespaces/{namespace}/gears/{name}',
      '/apis/example.com/v1/namespaces/{namespace}/gears/{name}/status',
    ]);
    expect(paths).to.include.keys(
      '/api/v1/watch/namespaces/{namespace}/configmaps',
      '/apis/coordination.k8s.io/v1/watch/leases',
    );
    const { post } = paths['/apis/example.com/v1/namespaces/{namespace}/gears'] ?? {};
    const body = { $ref: '#/definitions/com.example.v1.Gear' };
    expect(post?.parameters?.[0]).to.deep.include({ in: 'body', schema: body });
    expect(post?.responses['200']?.schema).to.deep.equal(body);
  });
});
