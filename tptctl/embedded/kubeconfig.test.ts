import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homePaths, type HomePaths } from './home-paths.js';
import { ensureKubeconfig, type KubeconfigEntry } from './kubeconfig.js';

const ENTRIES: KubeconfigEntry[] = [
  { name: 'threeport', server: 'https://127.0.0.1:1', ca: 'CA', token: 'one' },
  { name: 'sandbox', server: 'https://127.0.0.1:2', ca: 'CA', token: 'two' },
];

describe('ensureKubeconfig', () => {
  let paths: HomePaths;

  beforeEach(() => {
    paths = homePaths(mkdtempSync(join(tmpdir(), 'threeport-test-config-')));
  });
  afterEach(() => rmSync(paths.home, { recursive: true }));

  it('writes one that kubectl reads, for this user alone', async () => {
    await ensureKubeconfig(paths, ENTRIES);
    const config = JSON.parse(readFileSync(paths.kubeconfig, 'utf8'));
    expect(config).to.deep.include({ apiVersion: 'v1', kind: 'Config' });
    expect(config['current-context']).to.equal('threeport');
    expect(config.clusters[1]).to.deep.equal({
      name: 'sandbox',
      cluster: { server: 'https://127.0.0.1:2', 'certificate-authority-data': 'Q0E=' },
    });
    expect(config.users[0]).to.deep.equal({ name: 'threeport-admin', user: { token: 'one' } });
    expect(statSync(paths.kubeconfig).mode & 0o777).to.equal(0o600);
  });

  it('keeps what a person added or chose, as YAML, and renews what is ours', async () => {
    writeFileSync(
      paths.kubeconfig,
      [
        'apiVersion: v1',
        'kind: Config',
        'current-context: mine',
        'clusters:',
        '- {name: mine, cluster: {server: "https://mine"}}',
        '- {name: threeport, cluster: {server: "https://old"}}',
        'contexts:',
        '- {name: mine, context: {cluster: mine, user: mine}}',
        '- {name: threeport, context: {cluster: threeport, user: x, namespace: team-a}}',
        'users:',
        '- {name: mine, user: {token: t}}',
        '',
      ].join('\n'),
    );
    await ensureKubeconfig(paths, ENTRIES);
    const config = JSON.parse(readFileSync(paths.kubeconfig, 'utf8'));
    expect(config['current-context']).to.equal('mine');
    expect(config.clusters.map((item: { name: string }) => item.name)).to.deep.equal([
      'threeport',
      'sandbox',
      'mine',
    ]);
    expect(config.clusters[0].cluster.server).to.equal('https://127.0.0.1:1');
    expect(config.contexts[0].context).to.deep.equal({
      cluster: 'threeport',
      user: 'threeport-admin',
      namespace: 'team-a',
    });
    expect(config.users).to.have.length(3);
  });

  it('does not touch a file that says the same', async () => {
    await ensureKubeconfig(paths, ENTRIES);
    const before = statSync(paths.kubeconfig, { bigint: true });
    await ensureKubeconfig(paths, ENTRIES);
    expect(statSync(paths.kubeconfig, { bigint: true }).ino).to.equal(before.ino);
  });

  it('replaces one that nobody can read', async () => {
    writeFileSync(paths.kubeconfig, '{{{');
    await ensureKubeconfig(paths, ENTRIES);
    expect(JSON.parse(readFileSync(paths.kubeconfig, 'utf8')).users).to.have.length(2);
  });
});
