import { expect } from 'chai';
import { execFile, spawn } from 'node:child_process';
import { eventually } from '../support/eventually.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const WORKLOAD = {
  apiVersion: 'workload.threeport.io/v1alpha1',
  kind: 'Workload',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: { yaml: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' },
};

/** The real kubectl, unmodified, against our server. */
describe('kubectl', function () {
  this.timeout(60_000);
  let world: ApiWorld;

  before(async function () {
    const version = await run('kubectl', ['version', '--client']).catch(() => undefined);
    if (version?.code !== 0) {
      console.log('skipped: there is no kubectl on this machine');
      this.skip();
    }
    world = await startApiWorld();
  });

  after(() => world?.stop());

  function kubectl(args: readonly string[], stdin?: unknown): Promise<Outcome> {
    return run('kubectl', args, {
      env: { ...process.env, KUBECONFIG: world.kubeconfig, HOME: world.dir },
      ...(stdin !== undefined && { stdin: JSON.stringify(stdin) }),
    });
  }

  async function succeed(args: readonly string[], stdin?: unknown): Promise<string> {
    const { code, stdout, stderr } = await kubectl(args, stdin);
    expect(code, `kubectl ${args.join(' ')}: ${stderr}`).to.equal(0);
    expect(stderr, `kubectl ${args.join(' ')} warns`).to.equal('');
    return stdout;
  }

  async function fail(args: readonly string[], stdin?: unknown): Promise<string> {
    const { code, stderr } = await kubectl(args, stdin);
    expect(code, `kubectl ${args.join(' ')} should fail`).to.not.equal(0);
    return stderr;
  }

  it('is told that there is no such kind', async () => {
    const stderr = await fail(['apply', '-f', '-'], { ...WORKLOAD, kind: 'Wrkload' });
    expect(stderr).to.include('no matches for kind "Wrkload" in version');
  });

  it('lists resources with short names and explains fields', async () => {
    const resources = await succeed(['api-resources']);
    expect(resources).to.match(/workloads +wl +workload\.threeport\.io\/v1alpha1 +true +Workload/);
    expect(resources).to.match(/namespaces +ns +v1 +false +Namespace/);
    const explained = await succeed(['explain', 'workload.spec.yaml']);
    expect(explained).to.match(/FIELD: yaml <string>[\s\S]*Kubernetes manifests as YAML text/);
    expect(await succeed(['explain', 'workload', '--recursive'])).to.include('conditions');
  });

  it('applies client-side: created, unchanged, configured', async () => {
    expect(await succeed(['apply', '-f', '-'], WORKLOAD)).to.include('web created');
    expect(await succeed(['apply', '-f', '-'], WORKLOAD)).to.include('web unchanged');
    const edited = { ...WORKLOAD, spec: { yaml: '# edited' } };
    expect((await kubectl(['diff', '-f', '-'], edited)).code, 'diff').to.equal(1);
    expect(await succeed(['apply', '-f', '-'], edited)).to.include('web configured');
    expect((await kubectl(['diff', '-f', '-'], edited)).code, 'no diff').to.equal(0);
    expect(
      await succeed(['get', 'wl', 'web', '-o', 'jsonpath={.spec.yaml} {.metadata.generation}']),
    ).to.equal('# edited 2');
  });

  it('applies server-side, with conflicts between managers', async () => {
    const map = (value: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ssa', namespace: 'default' },
      data: { key: value },
    });
    const apply = ['apply', '--server-side', '-f', '-'];
    expect(await succeed(apply, map('one'))).to.include('serverside-applied');
    const conflict = await fail([...apply, '--field-manager=other'], map('two'));
    expect(conflict).to.include('conflict with "kubectl": .data.key');
    await succeed([...apply, '--field-manager=other', '--force-conflicts'], map('two'));
    expect(await succeed(['get', 'cm', 'ssa', '-o', 'jsonpath={.data.key}'])).to.equal('two');
  });

  it('gets in every output form', async () => {
    expect(await succeed(['get', 'wl'])).to.match(
      /^NAME +RUNTIME +RECONCILED +READY +STATUS +AGE\nweb /,
    );
    expect(await succeed(['get', 'wl', '-o', 'wide'])).to.include('MESSAGE');
    expect(await succeed(['get', 'wl', '-o', 'name'])).to.equal(
      'workload.workload.threeport.io/web\n',
    );
    expect(JSON.parse(await succeed(['get', 'wl', '-o', 'json'])).items[0].kind).to.equal(
      'Workload',
    );
    expect(await succeed(['get', 'wl/web', '-o', 'yaml'])).to.include('kind: Workload\n');
    expect(await succeed(['get', 'wl', '-l', 'app=web', '-o', 'name'])).to.include('web');
    expect(await succeed(['get', 'wl', '-l', 'app!=web', '-o', 'name'])).to.equal('');
    expect(await succeed(['get', 'threeport', '-A'])).to.include(
      'workload.workload.threeport.io/web',
    );
    await succeed(['create', 'configmap', 'a']);
    await succeed(['create', 'configmap', 'b']);
    expect(await succeed(['get', 'cm', '-A', '--chunk-size=1', '-o', 'name'])).to.match(
      /configmap\/a\nconfigmap\/b\nconfigmap\/ssa\n/,
    );
    expect(await succeed(['get', 'cm', '--field-selector=metadata.name=b', '-o', 'name'])).to.equal(
      'configmap/b\n',
    );
    expect(await succeed(['describe', 'workload', 'web'])).to.match(
      /Kind: +Workload[\s\S]*Events: +<none>/,
    );
  });

  it('labels, annotates and patches in three ways', async () => {
    await succeed(['label', 'wl', 'web', 'tier=front']);
    await succeed(['annotate', 'wl', 'web', 'note=hello']);
    await succeed([
      'patch',
      'wl',
      'web',
      '--type=merge',
      '-p',
      '{"metadata":{"labels":{"m":"1"}}}',
    ]);
    await succeed([
      'patch',
      'wl',
      'web',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/metadata/labels/j","value":"1"}]',
    ]);
    await succeed(['patch', 'cm', 'a', '--type=strategic', '-p', '{"data":{"s":"1"}}']);
    const labels = await succeed(['get', 'wl', 'web', '-o', 'jsonpath={.metadata.labels}']);
    expect(JSON.parse(labels)).to.deep.equal({ app: 'web', tier: 'front', m: '1', j: '1' });
    expect(await succeed(['get', 'cm', 'a', '-o', 'jsonpath={.data.s}'])).to.equal('1');
  });

  it('replaces, and refuses a version that moved on', async () => {
    const object = JSON.parse(await succeed(['get', 'wl', 'web', '-o', 'json'])) as object;
    const next = { ...object, spec: { yaml: '# replaced' } };
    await succeed(['replace', '-f', '-'], next);
    expect(await fail(['replace', '-f', '-'], next)).to.include(
      'Operation cannot be fulfilled on workloads.workload.threeport.io "web": the object has been modified',
    );
  });

  it('keeps Secrets readable for those who may', async () => {
    await succeed(['create', 'secret', 'generic', 'pw', '--from-literal=password=hunter2']);
    expect(await succeed(['get', 'secret', 'pw', '-o', 'jsonpath={.data.password}'])).to.equal(
      Buffer.from('hunter2').toString('base64'),
    );
  });

  it('says what is wrong with an object', async () => {
    const unknown = { ...WORKLOAD, spec: { manifest: [] } };
    expect(await fail(['apply', '-f', '-'], unknown)).to.include(
      'strict decoding error: unknown field "spec.manifest", did you mean "spec.manifests"?',
    );
    const mistyped = { ...WORKLOAD, metadata: { name: 'bad' }, spec: { runtime: 5 } };
    expect(await fail(['apply', '-f', '-'], mistyped)).to.equal(
      'The Workload "bad" is invalid: \n* spec.runtime: Invalid value: "integer": spec.runtime in body must be of type string: "integer"\n* <nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation\n',
    );
    const empty = { ...WORKLOAD, metadata: { name: 'bad' }, spec: {} };
    expect(await fail(['apply', '-f', '-'], empty)).to.equal(
      'The Workload "bad" is invalid: spec.manifests: Required value: there is nothing to run: set manifests, or yaml to the same as text\n',
    );
    expect(await fail(['get', 'wl', 'nope'])).to.equal(
      'Error from server (NotFound): workloads.workload.threeport.io "nope" not found\n',
    );
  });

  it('waits for conditions, watches, and waits for the end', async () => {
    const watching = spawn('kubectl', ['get', 'wl', '-w', '--output-watch-events'], {
      env: { ...process.env, KUBECONFIG: world.kubeconfig, HOME: world.dir },
    });
    let seen = '';
    watching.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    try {
      await eventually('the watch begins', () => seen.includes('ADDED'));
      const waiting = succeed(['wait', '--for=condition=Ready', 'wl/web', '--timeout=20s']);
      const condition = {
        type: 'Ready',
        status: 'True',
        reason: 'Up',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      };
      const status = JSON.stringify({ status: { conditions: [condition] } });
      await succeed(['patch', 'wl', 'web', '--subresource=status', '--type=merge', '-p', status]);
      expect(await waiting).to.include('condition met');
      await eventually('the change is seen', () => /MODIFIED +web +True/.test(seen));

      await succeed(['delete', 'wl', 'web', '--wait=false']);
      const ending = succeed(['wait', '--for=delete', 'wl/web', '--timeout=20s']);
      await succeed([
        'patch',
        'wl',
        'web',
        '--type=merge',
        '-p',
        '{"metadata":{"finalizers":null}}',
      ]);
      await ending;
      await eventually('the end is seen', () => /DELETED +web/.test(seen));
    } finally {
      watching.kill();
    }
  });

  it('creates and deletes a namespace with its content', async () => {
    await succeed(['create', 'namespace', 'team']);
    await succeed(['-n', 'team', 'create', 'configmap', 'inside']);
    expect(await succeed(['delete', 'namespace', 'team'])).to.include('namespace "team" deleted');
    expect(
      await succeed(['get', 'cm', '-A', '--field-selector=metadata.name=inside', '-o', 'name']),
    ).to.equal('');
    expect(await fail(['-n', 'team', 'create', 'configmap', 'late'])).to.include(
      'namespaces "team" not found',
    );
    expect(await fail(['delete', 'namespace', 'default'])).to.include(
      'this namespace may not be deleted',
    );
  });

  it('deletes by selector and does nothing in a dry run', async () => {
    await succeed(['label', 'cm', 'a', 'b', 'gone=soon']);
    await succeed(['delete', 'cm', '-l', 'gone=soon', '--dry-run=server']);
    expect(await succeed(['get', 'cm', '-l', 'gone=soon', '-o', 'name'])).to.include('configmap/a');
    await succeed(['delete', 'cm', '-l', 'gone=soon']);
    expect(await succeed(['get', 'cm', '-l', 'gone=soon', '-o', 'name'])).to.equal('');
  });
});

function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly stdin?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      { env: options.env ?? process.env, timeout: 30_000 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end(options.stdin ?? '');
  });
}
