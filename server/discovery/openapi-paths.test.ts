import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { configMapKind, namespaceKind, workloadKind } from '../../sdk/api/zz_generated.kinds.js';
import { kindsOfDocument } from '../explorer/explorer-model.js';
import type { OperationMethod, PathItem } from './openapi-paths.js';
import type { SwaggerPathItem } from './openapi-v2-paths.js';
import { OpenApiV2 } from './openapi-v2.js';
import { OpenApiV3 } from './openapi-v3.js';

const SCALABLE: KindDefinition = {
  ...workloadKind,
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
};
const WORKLOADS = '/apis/workload.threeport.io/v1alpha1/namespaces/{namespace}/workloads';
const WORKLOAD = { group: 'workload.threeport.io', version: 'v1alpha1', kind: 'Workload' };
const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

describe('OpenAPI paths', () => {
  const registry = new KindRegistry([SCALABLE, configMapKind, namespaceKind]);
  const documents = new OpenApiV3(registry, '1');
  const v3 = JSON.parse(documents.document('apis/workload.threeport.io/v1alpha1') ?? '{}') as {
    paths: Record<string, PathItem>;
    components: { schemas: Record<string, unknown> };
  };
  let v2: {
    paths: Record<string, SwaggerPathItem>;
    definitions: Record<string, unknown>;
  };
  before(async () => {
    v2 = JSON.parse(await new OpenApiV2(registry, '1').json()) as typeof v2;
  });

  const cases: readonly (readonly [
    path: string,
    methods: readonly OperationMethod[],
    gvk: object,
  ])[] = [
    ['', ['get', 'post', 'delete'], WORKLOAD],
    ['/{name}', ['get', 'put', 'patch', 'delete'], WORKLOAD],
    ['/{name}/status', ['get', 'put', 'patch'], WORKLOAD],
    ['/{name}/scale', ['get', 'put', 'patch'], SCALE],
  ];
  for (const [path, methods, gvk] of cases) {
    it(`say what may be done at .../workloads${path}, in both versions alike`, () => {
      for (const { paths } of [v3, v2]) {
        const { parameters: _parameters, ...operations } = paths[`${WORKLOADS}${path}`] ?? {};
        expect(Object.keys(operations)).to.have.members(methods);
        for (const operation of Object.values(operations)) {
          expect(operation['x-kubernetes-group-version-kind']).to.deep.equal(gvk);
        }
      }
    });
  }

  it('name actions as Kubernetes does', () => {
    const item = v3.paths[`${WORKLOADS}/{name}/scale`];
    const actions = [item?.get, item?.put, item?.patch].map((one) => one?.['x-kubernetes-action']);
    expect(actions).to.deep.equal(['get', 'put', 'patch']);
    expect(v3.paths[WORKLOADS]?.get?.['x-kubernetes-action']).to.equal('list');
  });

  it('have each id once, and refer to nothing that is not there', () => {
    for (const [document, schemas] of [
      [v3, v3.components.schemas],
      [v2, v2.definitions],
    ] as const) {
      const text = JSON.stringify(document);
      const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).to.equal(ids.length).and.to.be.greaterThan(5);
      const names = [
        ...text.matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g),
      ];
      for (const [, name = ''] of names) expect(schemas).to.have.property(name);
    }
  });

  it('tell older clients in the words of OpenAPI v2 what a patch may take', () => {
    const patch = v2.paths[`${WORKLOADS}/{name}`]?.patch;
    expect(patch?.consumes).to.include('application/apply-patch+yaml');
    expect(patch?.parameters?.map(({ name }) => name)).to.deep.equal([
      'body',
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ]);
  });

  it('have the end of a namespace', () => {
    const item = v2.paths['/api/v1/namespaces/{name}/finalize'];
    expect(Object.keys(item ?? {})).to.have.members(['put', 'parameters']);
  });

  it('show a Scale under the kind that it is of', () => {
    const kinds = kindsOfDocument({ json: JSON.stringify(v3) });
    expect(kinds.map(({ kind }) => kind)).to.deep.equal(['Workload']);
    expect(kinds[0]?.operations.map(({ path }) => path)).to.include(`${WORKLOADS}/{name}/scale`);
  });
});
