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

  it('judges objects by the rules of their definition, and refuses rules that cannot be', async () => {
    const ruled = (rule: string): string =>
      JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'ranges.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'ranges', kind: 'Range' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: {
                      type: 'object',
                      'x-kubernetes-validations': [
                        {
                          rule,
                          messageExpression: `'%d is more than %d'.format([self.low, self.high])`,
                          reason: 'FieldValueForbidden',
                          fieldPath: '.low',
                        },
                        { rule: 'self.high == oldSelf.high', message: 'high is immutable' },
                      ],
                      properties: { low: { type: 'integer' }, high: { type: 'integer' } },
                    },
                  },
                },
              },
            },
          ],
        },
      });
    const range = (low: number, high: number): string =>
      JSON.stringify({
        apiVersion: 'example.com/v1',
        kind: 'Range',
        metadata: { name: 'r', namespace: 'default' },
        spec: { low, high },
      });
    const mistyped = await sandbox.kubectl(
      ['apply', '--server-side', '-f', '-'],
      ruled('self.lo <= 1'),
    );
    expect(mistyped.stderr).to.contain(
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule',
    );
    expect(mistyped.stderr).to.contain("undefined field 'lo'");
    await sandbox.apply(ruled('self.low <= self.high'));
    await sandbox.run([
      'wait',
      '--for=condition=Established',
      'crd/ranges.example.com',
      '--timeout=20s',
    ]);
    const apply = ['apply', '--server-side', '-f', '-'];
    const wrong = await sandbox.kubectl(apply, range(2, 1));
    expect(wrong.stderr).to.contain(
      'The Range "r" is invalid: spec.low: Forbidden: 2 is more than 1',
    );
    await sandbox.apply(range(1, 2));
    const moved = await sandbox.kubectl(apply, range(1, 3));
    expect(moved.stderr).to.contain('spec: Invalid value: "object": high is immutable');
    await sandbox.apply(range(2, 2));
  });

  it('refuses a definition whose name is not that of its resource', async () => {
    const result = await sandbox.kubectl(
      ['apply', '--server-side', '-f', '-'],
      DEFINITION.replace('name: widgets.example.com', 'name: gadgets.example.com'),
    );
    expect(result.stderr).to.contain('must be spec.names.plural+"."+spec.group');
  });
});
