import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgresBinaries, restoreSymlinks } from './postgres-binaries.js';

describe('postgres binaries', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'threeport-test-binaries-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('makes the library links that the npm package lists, once', async () => {
    const native = join(dir, 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    writeFileSync(
      join(native, 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
    await restoreSymlinks(native);
    await restoreSymlinks(native);
    expect(readlinkSync(join(native, 'lib/libpq.so.5'))).to.equal('libpq.so.5.18');
  });

  it('does not take another major version for data that exists', async () => {
    const error: unknown = await findPostgresBinaries('', 9).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(/written by PostgreSQL 9.*only version \d+|no PostgreSQL for/);
  });
});
