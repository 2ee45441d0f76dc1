import { expect } from 'chai';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { eventually } from '../support/eventually.js';
import type { CommandResult, Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
/** What an author has installed. */
const INSTALLED = ['@types', 'chai', 'mocha'];

/** The example as its author has it: a folder of his own, with Threeport as a package. */
describe('examples/website, outside of the tree', function () {
  this.timeout(180_000);
  let plane: Plane;
  let folder: string;
  let author: ChildProcess | undefined;
  let log = '';

  before(async function () {
    const kubectl = await run('kubectl', ['version', '--client']).catch(() => undefined);
    if (kubectl === undefined) {
      console.log('      skipped: there is no kubectl on this machine');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'website-'));
    await cp(join(ROOT, 'examples/website'), folder, {
      recursive: true,
      filter: (path) => !/node_modules|dist\//.test(path.slice(ROOT.length)),
    });
    await mkdir(join(folder, 'node_modules'));
    await symlink(ROOT, join(folder, 'node_modules/threeport'));
    for (const name of INSTALLED) {
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    await node([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    plane = await startPlane();
  });
  after(async () => {
    author?.kill('SIGKILL');
    await plane?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, args, { cwd: folder, env: { ...process.env, ...env }, timeout: 120_000 });

  async function kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr }: CommandResult = await plane.run('kubectl', args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function website(): Promise<StoredApiObject> {
    const text = await kubectl('get', 'website', 'hello', '-o', 'json');
    return JSON.parse(text) as StoredApiObject;
  }

  async function part(kind: 'Deployment' | 'Service'): Promise<StoredApiObject | undefined> {
    const apiVersion = kind === 'Service' ? 'v1' : 'apps/v1';
    const label = `websites.example.com/uid`;
    const [found, ...others] = await plane.sandbox.list(apiVersion, kind, label);
    expect(others).to.deep.equal([]);
    return found;
  }

  it('says what to do when its kind is not there, and when nobody answers', async () => {
    const main = join(folder, 'dist/main.js');
    const failed = (env: NodeJS.ProcessEnv): Promise<string> =>
      node([main], env).then(
        () => 'it ended well',
        (error: unknown) => (error as { stdout: string }).stdout,
      );
    expect(await failed({ KUBECONFIG: plane.kubeconfigFile })).to.match(
      /has no kind websites\.example\.com: kubectl apply -f the file of its CustomResourceDefinition/,
    );
    const nowhere = join(folder, 'nowhere');
    expect(await failed({ KUBECONFIG: nowhere })).to.include(`no kubeconfig at ${nowhere}`);
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'a-token-for-nobody');
    const away = { THREEPORT_SERVER: 'http://127.0.0.1:9', THREEPORT_TOKEN_FILE: tokenFile };
    expect(await failed(away)).to.include('nobody answers at http://127.0.0.1:9');
  });

  it('makes a website of what kubectl applied', async () => {
    await kubectl('apply', '-f', join(folder, 'crd.yaml'));
    author = spawn(process.execPath, [join(folder, 'dist/main.js')], {
      cwd: folder,
      env: { ...process.env, KUBECONFIG: plane.kubeconfigFile },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    author.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await eventually('it is ready', () => log.includes('{"ready":true}'));
    await kubectl('apply', '-f', join(folder, 'website.yaml'));
    await kubectl('wait', 'website', 'hello', '--for=condition=Ready', '--timeout=60s');
    const { status, metadata } = await website();
    expect(status).to.deep.include({ readyReplicas: 2, observedGeneration: 1 });
    const deployment = await part('Deployment');
    expect(deployment?.spec).to.deep.include({ replicas: 2 });
    expect(deployment?.metadata.name).to.equal(`hello-${metadata.uid.slice(0, 8)}`);
    expect((await part('Service'))?.metadata.name).to.equal(deployment?.metadata.name);
    const table = await kubectl('get', 'websites');
    expect(table).to.match(/hello\s+sandbox\s+True\s+http:\/\/hello-/);
  });

  it('follows a change, and puts right what others changed', async () => {
    await kubectl('patch', 'website', 'hello', '--type=merge', '-p', '{"spec":{"replicas":3}}');
    await eventually('the change has arrived', async () => {
      const { replicas } = ((await part('Deployment'))?.spec ?? {}) as { replicas?: number };
      return replicas === 3;
    });
    const { name, namespace = '' } = (await part('Service'))?.metadata ?? { name: '' };
    await plane.sandbox.delete({ apiVersion: 'v1', kind: 'Service', name, namespace });
    await kubectl('annotate', 'website', 'hello', 'example.com/look=again');
    await eventually('the Service is there again', () => part('Service'));
  });

  it('holds the cluster that it is on', async () => {
    const { code, stderr } = await plane.run('kubectl', [
      'delete',
      'kubernetesruntimeinstance',
      'sandbox',
      '--dry-run=server',
    ]);
    expect(code, stderr).to.equal(1);
    expect(stderr).to.match(/referenced|refer|Forbidden|Conflict/);
  });

  it('leaves nothing behind, and stops when told', async () => {
    await kubectl('delete', 'website', 'hello', '--timeout=60s');
    expect([await part('Deployment'), await part('Service')]).to.deep.equal([undefined, undefined]);
    await kubectl('delete', 'crd', 'websites.example.com', '--timeout=60s');
    const ended = new Promise((resolve) => author?.once('exit', resolve));
    author?.kill('SIGINT');
    expect(await ended).to.equal(0);
  });

  it('passes its own tests', async () => {
    const mocha = join(folder, 'node_modules/mocha/bin/mocha.js');
    const { stdout } = await node([mocha, 'dist/*.test.js'], { SEEDS: '2' });
    expect(stdout).to.match(/\d\d passing/);
    expect(stdout).not.to.include('failing');
  });
});
