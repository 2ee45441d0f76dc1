import { expect } from 'chai';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { SandboxFixture } from '../support/sandbox-fixture.js';
import { eventually } from '../support/eventually.js';
import { hasKubectl, startSandbox } from '../support/sandbox-fixture.js';

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties: {size: {type: integer, minimum: 1}, colour: {type: string, default: red}}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

function widget(name: string, size: unknown): string {
  return JSON.stringify({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default' },
    spec: { size },
  });
}

describe('sandbox: custom resources', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;

  before(async function () {
    if (!(await hasKubectl())) {
      console.log('skipped: kubectl is not on PATH');
      this.skip();
    }
    sandbox = await startSandbox();
  });

  after(async () => sandbox?.stop());

  it('serves the kind of an applied definition, with its schema', async () => {
    await sandbox.apply(DEFINITION);
    await sandbox.run([
      'wait',
      '--for=condition=Established',
      'crd/widgets.example.com',
      '--timeout=20s',
    ]);
    await sandbox.apply(widget('one', 3));
    const one = await sandbox.get<StoredApiObject<{ colour: string }>>(
      '/apis/example.com/v1/namespaces/default/widgets/one',
    );
    expect(one.spec?.colour).to.equal('red');
    expect(await sandbox.run(['get', 'wd'])).to.match(/NAME\s+SIZE\s+one\s+3/);
    const refused = await sandbox.kubectl(['apply', '--server-side', '-f', '-'], widget('two', 0));
    expect(refused.code).to.not.equal(0);
    expect(refused.stderr).to.contain('spec.size: Invalid value: 0');
  });

  it('follows a change of the schema', async () => {
    await sandbox.apply(DEFINITION.replace('minimum: 1', 'minimum: 5'));
    await eventually('the new minimum', async () => {
      const result = await sandbox.kubectl(
        ['apply', '--server-side', '-f', '-'],
        widget('three', 4),
      );
      return result.code === 0 ? undefined : true;
    });
  });

  it('ends the objects with their definition', async () => {
    await sandbox.run(['delete', 'crd', 'widgets.example.com', '--timeout=20s']);
    const result = await sandbox.kubectl([
      'get',
      '--raw',
      '/apis/example.com/v1/namespaces/default/widgets',
    ]);
    expect(result.code).to.not.equal(0);
    // The same definition again starts with no objects.
    await sandbox.apply(DEFINITION);
    await sandbox.run([
      'wait',
      '--for=condition=Established',
      'crd/widgets.example.com',
      '--timeout=20s',
    ]);
    const { items } = await sandbox.get<{ items: unknown[] }>('/apis/example.com/v1/widgets');
    expect(items).to.deep.equal([]);
  });

  it('refuses a definition whose name is not that of its resource', async () => {
    const result = await sandbox.kubectl(
      ['apply', '--server-side', '-f', '-'],
      DEFINITION.replace('name: widgets.example.com', 'name: gadgets.example.com'),
    );
    expect(result.stderr).to.contain('must be spec.names.plural+"."+spec.group');
  });
});
