import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { inspectControlPlane } from '../../tptctl/embedded/control-plane.js';
import { purgeControlPlane, stopControlPlane } from '../../tptctl/embedded/stop-control-plane.js';
import type { RunState } from '../../tptctl/embedded/run-state.js';
import { readSettings } from '../../tptctl/embedded/settings.js';
import { homePaths } from '../../tptctl/embedded/home-paths.js';
import { alive, embeddedHome, pidsOf, type EmbeddedHome } from '../support/embedded-home.js';
import { eventually } from '../support/eventually.js';
import { natsServerBinary } from '../support/nats-server.js';

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token: string } }[];
  'current-context': string;
}

describe('the embedded control plane', function () {
  this.timeout(60_000);
  let home: EmbeddedHome;

  // One home for all: every start but the first is quick.
  before(async () => {
    home = await embeddedHome();
  });
  afterEach(() => home.down());
  after(() => home.remove());

  it('starts every part, is found running by a second up, and stops without a trace', async () => {
    const seen: RunState[] = [];
    const first = await home.up({ onState: (state) => seen.push(state) });
    expect(first.alreadyRunning).to.equal(false);
    expect(first.state.parts.map((part) => `${part.name} ${part.phase}`)).to.deep.equal(
      ['postgres', natsServerBinary() && 'nats', 'server', 'sandbox', 'reconcilers', 'agent']
        .concat('runtime')
        .filter((name) => name !== undefined)
        .map((name) => `${name} ready`),
    );
    expect(seen.at(0)?.phase).to.equal('starting');
    const pids = pidsOf(first.state);
    expect(alive(pids)).to.deep.equal(pids);

    const second = await home.up();
    expect(second.alreadyRunning).to.equal(true);
    expect(pidsOf(second.state)).to.deep.equal(pids);

    expect(await home.down()).to.deep.equal({ wasRunning: true, leftovers: [] });
    expect(alive(pids)).to.deep.equal([]);
    expect(inspectControlPlane(home.dir).running).to.equal(false);
    expect(await home.down()).to.deep.equal({ wasRunning: false, leftovers: [] });
  });

  it('writes a kubeconfig by which both servers are reached, closed to others', async () => {
    const { paths } = await home.up();
    const config = JSON.parse(readFileSync(paths.kubeconfig, 'utf8')) as Kubeconfig;
    expect(config['current-context']).to.equal('threeport');
    expect(config.clusters.map(({ name }) => name)).to.deep.equal(['threeport', 'sandbox']);
    for (const { cluster } of config.clusters) {
      const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
      expect(await statusOf(`${cluster.server}/readyz`, ca)).to.equal(200);
    }
    const secrets = [paths.kubeconfig, paths.tokens, paths.encryptionKey];
    secrets.push(join(paths.tlsDir, 'ca.key'), join(paths.tlsDir, 'server.key'));
    expect(secrets.filter((file) => (statSync(file).mode & 0o077) !== 0)).to.deep.equal([]);
  });

  it('keeps ports, tokens and keys from one up to the next', async () => {
    const { paths, state } = await home.up();
    const files = [paths.kubeconfig, paths.encryptionKey, join(paths.tlsDir, 'server.crt')];
    const before = files.map((file) => readFileSync(file, 'utf8'));
    await home.down();
    const again = await home.up({ ports: {} });
    expect(again.state.ports).to.deep.equal(state.ports);
    expect(files.map((file) => readFileSync(file, 'utf8'))).to.deep.equal(before);
  });

  it('works without a nats-server, and says what that costs', async () => {
    const { state } = await home.up({ searchPath: '/nowhere', toolsDir: '/nowhere' });
    expect(state.parts.map(({ name }) => name)).not.to.include('nats');
    expect(state.warnings.join()).to.match(/nats-server not found.*apt-get install nats-server/);
  });

  it('lets two ups at the same time end with one control plane', async () => {
    const [one, two] = await Promise.all([home.up(), home.up()]);
    expect(pidsOf(one.state)).to.deep.equal(pidsOf(two.state));
    expect([one.alreadyRunning, two.alreadyRunning].toSorted()).to.deep.equal([false, true]);
  });

  it('waits for a down that is under way, then starts', async () => {
    await home.up();
    const stopped = stopControlPlane(home.dir);
    await eventually(
      'it is on its way down',
      () => inspectControlPlane(home.dir).state?.phase === 'stopping',
    );
    const { state } = await home.up();
    expect((await stopped).wasRunning).to.equal(true);
    expect(state.phase).to.equal('ready');
  });

  it('purges what it made, wherever that is, but nothing of others', async () => {
    const { paths } = await home.up();
    const { outsideDirs } = readSettings(homePaths(home.dir));
    writeFileSync(join(home.dir, 'notes.txt'), 'mine');
    await home.down();
    const removed = await purgeControlPlane(home.dir);
    expect(removed).to.include.members([paths.kubeconfig, ...outsideDirs]);
    expect(outsideDirs.filter((dir) => existsSync(dir))).to.deep.equal([]);
    expect(readdirSync(home.dir)).to.deep.equal(['notes.txt']);

    rmSync(join(home.dir, 'notes.txt'));
    expect(await purgeControlPlane(home.dir)).to.deep.equal([home.dir]);
    expect(await purgeControlPlane(home.dir)).to.deep.equal([]);
  });
});

function statusOf(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
