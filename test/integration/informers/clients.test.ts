import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ServerProcesses } from '../../support/server-processes.js';
import { startServers } from '../../support/server-processes.js';
import { NO_CLIENT_GO, clientGoProgram } from './client-go-program.js';
import { firstThatRuns } from './installed-program.js';

const run = promisify(execFile);
const FOLDER = join('test', 'integration', 'informers');

/** A client of Kubernetes in ordinary use, by a script that says `ok` or `FAIL` for each step. */
interface Client {
  readonly name: string;
  readonly missing: string;
  /** What to run; undefined where it is not installed. */
  command(kubeconfig: string, folder: string): Promise<readonly string[] | undefined>;
  readonly limitMs: number;
}

const clients: readonly Client[] = [
  {
    name: "Python's client",
    missing: 'no python3 here can `import kubernetes`',
    limitMs: 120_000,
    async command(kubeconfig) {
      const python = await firstThatRuns(
        ['python3', '/usr/bin/python3'],
        ['-c', 'import kubernetes'],
      );
      return python === undefined ? undefined : [python, join(FOLDER, 'use.py'), kubeconfig];
    },
  },
  {
    name: "Ruby's kubeclient",
    missing: 'no ruby here can `require "kubeclient"`',
    limitMs: 120_000,
    async command(kubeconfig) {
      const ruby = await firstThatRuns(['ruby', '/usr/bin/ruby'], ['-e', 'require "kubeclient"']);
      return ruby === undefined ? undefined : [ruby, join(FOLDER, 'use.rb'), kubeconfig];
    },
  },
  {
    name: 'client-go',
    missing: NO_CLIENT_GO,
    limitMs: 1_000_000,
    async command(kubeconfig, folder) {
      const program = await clientGoProgram(folder);
      return program === undefined ? undefined : [program, kubeconfig];
    },
  },
];

describe('clients that others wrote, in ordinary use', () => {
  let processes: ServerProcesses;
  let folder: string;
  let kubeconfig: string;

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'threeport-clients-'));
    processes = await startServers(1);
    kubeconfig = processes.servers[0]?.kubeconfig ?? '';
  });
  after(async () => {
    await processes?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const { name, missing, limitMs, command } of clients) {
    it(`${name} finds nothing missing`, async function () {
      this.timeout(limitMs);
      const [program, ...args] = (await command(kubeconfig, folder)) ?? [];
      if (program === undefined) {
        process.stderr.write(`    skipped: ${missing}\n`);
        return this.skip();
      }
      const { stdout, stderr } = await run(program, args, { timeout: limitMs }).catch(
        (error: { stdout: string; stderr: string }) => error,
      );
      const lines = stdout.split('\n');
      expect(lines.filter((line) => line.startsWith('FAIL'))).to.deep.equal([]);
      expect(lines.filter((line) => line.startsWith('ok ')).length, stderr).to.be.greaterThan(8);
    });
  }

  it('Ansible finds nothing missing', async function () {
    this.timeout(300_000);
    const ansible = await firstThatRuns(['ansible-playbook'], ['--version']);
    const doc = ['kubernetes.core.k8s', '--type', 'module'];
    if (ansible === undefined || (await firstThatRuns(['ansible-doc'], doc)) === undefined) {
      process.stderr.write('    skipped: no ansible-playbook here with kubernetes.core\n');
      return this.skip();
    }
    const play = ['-i', 'localhost,', join(FOLDER, 'use.yaml')];
    const python = ['-e', 'ansible_python_interpreter=/usr/bin/python3'];
    const { stdout } = await run(ansible, [...play, ...python], {
      env: { ...process.env, K8S_AUTH_KUBECONFIG: kubeconfig, LC_ALL: 'C.UTF-8' },
      timeout: 300_000,
    }).catch((error: { stdout: string }) => error);
    expect(stdout.slice(-3_000)).to.match(/: ok=\d+ +changed=\d+ +unreachable=0 +failed=0 /);
  });

  it('Helm finds nothing missing', async function () {
    this.timeout(300_000);
    const helm = await firstThatRuns(['helm'], ['version']);
    if (helm === undefined) {
      process.stderr.write('    skipped: no helm here\n');
      return this.skip();
    }
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
    const namespace = 'helm-client';
    const call = async (...args: string[]): Promise<string> =>
      (await run(helm, [...args, '-n', namespace], { env, timeout: 60_000 })).stdout;
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const sizeOf = async (): Promise<string> => {
      const { body } = (await processes.servers[0]?.http.call('GET', `${maps}/demo`)) ?? {};
      return body.data?.size;
    };
    const chart = join(FOLDER, 'helm-chart');
    await call('install', 'demo', chart, '--create-namespace', '--wait');
    expect(await sizeOf()).to.equal('1');
    await call('upgrade', 'demo', chart, '--set', 'size=3', '--wait');
    expect(await sizeOf()).to.equal('3');
    await call('rollback', 'demo', '1', '--wait');
    expect(await sizeOf()).to.equal('1');
    const history = JSON.parse(await call('history', 'demo', '-o', 'json')) as { status: string }[];
    expect(history.map(({ status }) => status)).to.deep.equal([
      'superseded',
      'superseded',
      'deployed',
    ]);
    await call('uninstall', 'demo', '--wait');
    expect(await sizeOf()).to.equal(undefined);
  });
});
