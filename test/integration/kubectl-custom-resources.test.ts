import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { hasKubectl } from '../support/sandbox-fixture.js';

const KUBECTL_TIMEOUT_MS = 30_000;

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, kind: CronTab, shortNames: [ct], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
      additionalPrinterColumns:
        - {name: Spec, type: string, jsonPath: .spec.cronSpec, description: When it runs}
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
        - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
      selectableFields: [{jsonPath: .spec.image}]
      schema:
        openAPIV3Schema:
          description: Runs something now and then.
          type: object
          properties:
            spec:
              type: object
              required: [cronSpec]
              properties:
                cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$', description: When it runs.}
                image: {type: string, default: busybox}
                replicas: {type: integer, minimum: 1, default: 1}
            status:
              type: object
              properties: {replicas: {type: integer}, ready: {type: string}}
`;
const CRON_TAB = `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: mine, namespace: default}
spec: {cronSpec: '* * * * */5'}
`;

/** The story that Kubernetes' documentation tells of custom resources, with kubectl as it is. */
describe('kubectl with custom resources', function () {
  this.timeout(90_000);
  let world: ApiWorld;

  before(async function () {
    if (!(await hasKubectl())) {
      console.log('skipped: kubectl is not on PATH');
      this.skip();
    }
    world = await startApiWorld();
  });
  after(() => world?.stop());

  async function kubectl(
    args: readonly string[],
    input?: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; output: string }> {
    const file = join(world.dir, 'input.yaml');
    if (input !== undefined) await writeFile(file, input);
    const all = args.map((arg) => (arg === '-' && input !== undefined ? file : arg));
    return new Promise((resolve) => {
      execFile(
        'kubectl',
        all,
        {
          env: { ...process.env, KUBECONFIG: world.kubeconfig, HOME: world.dir, ...env },
          timeout: KUBECTL_TIMEOUT_MS,
        },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
      );
    });
  }

  async function succeed(args: readonly string[], input?: string): Promise<string> {
    const { code, output } = await kubectl(args, input);
    expect(code, `kubectl ${args.join(' ')}: ${output}`).to.equal(0);
    return output;
  }

  it('applies a definition and waits for it', async () => {
    await succeed(['apply', '-f', '-'], DEFINITION);
    await succeed([
      'wait',
      '--for=condition=Established',
      'crd/crontabs.stable.example.com',
      '--timeout=20s',
    ]);
    expect(await succeed(['apply', '-f', '-'], DEFINITION)).to.contain('unchanged');
    expect(await succeed(['get', 'crd'])).to.match(
      /NAME\s+CREATED AT\s+crontabs\.stable\.example\.com\s+20/,
    );
    expect(await succeed(['api-resources', '--api-group=stable.example.com'])).to.match(
      /crontabs\s+ct\s+stable\.example\.com\/v1\s+true\s+CronTab/,
    );
  });

  it('creates, prints and explains', async () => {
    expect(await succeed(['apply', '-f', '-'], CRON_TAB)).to.contain(
      'crontab.stable.example.com/mine created',
    );
    expect(await succeed(['get', 'ct'])).to.match(
      /NAME\s+SPEC\s+REPLICAS\s+mine\s+\* \* \* \* \*\/5\s+1/,
    );
    expect(await succeed(['get', 'crontabs', '-o', 'wide'])).to.contain('busybox');
    expect(await succeed(['get', 'all'])).to.contain('crontab.stable.example.com/mine');
    expect(
      await succeed(['get', 'ct', '--field-selector', 'spec.image=busybox', '-o', 'name']),
    ).to.equal('crontab.stable.example.com/mine\n');
    expect(await succeed(['explain', 'crontab'])).to.contain('Runs something now and then.');
    expect(await succeed(['explain', 'crontab.spec.cronSpec'])).to.contain('When it runs.');
    expect(await succeed(['explain', 'crd.spec.versions'])).to.contain('selectableFields');
    expect(await succeed(['explain', 'crd', '--recursive'])).to.contain(
      'x-kubernetes-list-map-keys',
    );
  });

  it('refuses what the schema refuses, before and after it is sent', async () => {
    const wrong = CRON_TAB.replace('* * * * */5', 'now').replace('mine', 'wrong');
    const refused = await kubectl(['apply', '-f', '-'], wrong);
    expect(refused.code).to.equal(1);
    expect(refused.output).to.contain('spec.cronSpec').and.contain('should match');
    const unknown = await kubectl(['apply', '-f', '-'], `${CRON_TAB}unknown: true\n`);
    expect(unknown.output).to.contain('unknown field "unknown"');
    const definition = await kubectl(
      ['apply', '-f', '-'],
      DEFINITION.replace('scope: Namespaced', 'scope: Galaxy'),
    );
    expect(definition.output).to.contain('spec.scope: Unsupported value: "Galaxy"');
  });

  it('edits, scales, patches status and labels', async () => {
    const editor = join(world.dir, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/image: busybox/image: alpine/" "$1"\n');
    await chmod(editor, 0o755);
    const edited = await kubectl(['edit', 'crontab', 'mine'], undefined, { KUBE_EDITOR: editor });
    expect(edited.output).to.contain('edited');
    await succeed(['scale', 'crontab', 'mine', '--replicas=3']);
    await succeed([
      'patch',
      'ct',
      'mine',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":3,"ready":"yes"}}',
    ]);
    await succeed(['label', 'ct', 'mine', 'a=b']);
    const jsonPath =
      'jsonpath={.spec.image} {.spec.replicas} {.status.replicas} {.metadata.generation}';
    expect(
      await succeed(['get', 'ct', '-l', 'a=b', '-o', jsonPath.replaceAll('{.', '{.items[0].')]),
    ).to.equal('alpine 3 3 3');
    await succeed(['wait', '--for=jsonpath={.status.ready}=yes', 'ct/mine', '--timeout=10s']);
    expect(await succeed(['describe', 'ct', 'mine'])).to.contain('Cron Spec:');
    expect((await kubectl(['scale', 'ct', 'mine', '--replicas=0'])).output).to.contain(
      'spec.replicas',
    );
  });

  it('deletes objects, then the definition with those that are left', async () => {
    await succeed(['apply', '-f', '-'], CRON_TAB.replace('mine', 'other'));
    await succeed(['delete', 'ct', 'mine']);
    await succeed(['delete', 'crd', 'crontabs.stable.example.com', '--timeout=20s']);
    expect((await kubectl(['get', '--raw', '/apis/stable.example.com'])).code).to.equal(1);
    await succeed(['apply', '-f', '-'], DEFINITION);
    await succeed([
      'wait',
      '--for=condition=Established',
      'crd/crontabs.stable.example.com',
      '--timeout=20s',
    ]);
    expect(await succeed(['get', 'ct'])).to.contain('No resources found');
  });
});
