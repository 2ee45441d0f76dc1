import { expect } from 'chai';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { preparePostgresPlace } from './postgres-place.js';
import { canTraverse } from './unprivileged-user.js';

const IS_ROOT = process.getuid?.() === 0;

describe('preparePostgresPlace', () => {
  let dir: string;
  let sharedRoot: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'threeport-test-place-'));
    chmodSync(dir, 0o755);
    sharedRoot = join(dir, 'var-lib');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const prepare = (homeDir: string) =>
    preparePostgresPlace({ homeDir, sharedRoot, searchPath: process.env['PATH'] ?? '' });

  it('keeps everything in a home that postgres can enter', async () => {
    const homeDir = join(dir, 'home');
    mkdirSync(homeDir);
    const place = await prepare(homeDir);
    expect(place.dataDir).to.equal(join(homeDir, 'postgres'));
    expect(place.socketDir).to.equal(join(homeDir, 'postgres-socket'));
    expect(place.outsideDirs).to.deep.equal([]);
    expect(existsSync(sharedRoot)).to.equal(false);
  });

  it('goes outside a home that is closed to postgres, each home to its own place', async function () {
    if (!IS_ROOT) return this.skip();
    const places = [];
    for (const name of ['one', 'two']) {
      mkdirSync(join(dir, name, 'home'), { recursive: true });
      chmodSync(join(dir, name), 0o700);
      places.push(await prepare(join(dir, name, 'home')));
    }
    expect(places[0]?.dataDir).not.to.equal(places[1]?.dataDir);
    for (const place of places) {
      expect(place.outsideDirs.map(dirname)).to.deep.equal([sharedRoot]);
      expect(dirname(place.dataDir)).to.equal(place.outsideDirs[0]);
      expect(canTraverse(place.user, join(place.binDir, 'postgres'))).to.equal(true);
    }
    expect(await prepare(join(dir, 'one', 'home'))).to.deep.equal(places[0]);
  });

  it('keeps the path of the socket short', async () => {
    const homeDir = join(dir, 'x'.repeat(100));
    mkdirSync(homeDir);
    const place = await prepare(homeDir);
    expect(Buffer.byteLength(place.socketDir)).to.be.lessThan(100);
    expect(place.outsideDirs).to.deep.equal([place.socketDir]);
  });

  it('refuses data that belongs to another user, and says what to do', async function () {
    if (!IS_ROOT) return this.skip();
    const homeDir = join(dir, 'home');
    mkdirSync(join(homeDir, 'postgres'), { recursive: true });
    expect(statSync(join(homeDir, 'postgres')).uid).to.equal(0);
    const error: unknown = await prepare(homeDir).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(/belongs to user id 0, but postgres would run as user id \d+/);
  });
});
