import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homePaths, type HomePaths } from './home-paths.js';
import { identityOf } from './process-table.js';
import {
  acquireSupervisorLock,
  releaseSupervisorLock,
  runningSupervisor,
} from './supervisor-lock.js';

describe('the lock of the supervisor', () => {
  let paths: HomePaths;

  beforeEach(() => {
    paths = homePaths(mkdtempSync(join(tmpdir(), 'threeport-test-lock-')));
    mkdirSync(paths.runDir);
  });
  afterEach(() => rmSync(paths.home, { recursive: true }));

  const stale = [
    { name: 'of a process that is gone', text: '{"pid":4194305,"identity":"x"}' },
    {
      name: 'of a boot before, whose pid another process has now',
      text: JSON.stringify({ pid: process.ppid, identity: 'another-boot/123' }),
    },
    { name: 'that holds nothing', text: '' },
  ];
  for (const { name, text } of stale) {
    it(`replaces a lock ${name}`, () => {
      writeFileSync(paths.lock, text);
      expect(runningSupervisor(paths)).to.equal(undefined);
      expect(acquireSupervisorLock(paths)).to.equal(undefined);
      expect(runningSupervisor(paths)?.pid).to.equal(process.pid);
      expect(readdirSync(paths.runDir)).to.deep.equal(['supervisor.lock']);
    });
  }

  it('is not taken from a live process, nor released by another', () => {
    const holder = { pid: process.ppid, identity: identityOf(process.ppid) };
    writeFileSync(paths.lock, JSON.stringify(holder));
    expect(acquireSupervisorLock(paths)).to.deep.equal(holder);
    releaseSupervisorLock(paths);
    expect(runningSupervisor(paths)).to.deep.equal(holder);
  });

  it('is gone once released', () => {
    acquireSupervisorLock(paths);
    releaseSupervisorLock(paths);
    expect(readdirSync(paths.runDir)).to.deep.equal([]);
  });
});
