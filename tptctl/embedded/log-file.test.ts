import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLinesOf, LogFile } from './log-file.js';

describe('LogFile', () => {
  let path: string;
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'threeport-test-log-'));
    path = join(dir, 'logs', 'part.log');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('goes on where the last run ended', () => {
    for (const line of ['one', 'two']) {
      const log = new LogFile(path);
      log.writeLine(line);
      log.close();
    }
    expect(readFileSync(path, 'utf8')).to.equal('one\ntwo\n');
    expect(lastLinesOf(path, 1)).to.deep.equal(['two']);
  });

  it('never takes more than twice its limit', () => {
    const log = new LogFile(path, 1000);
    for (let i = 0; i < 500; i += 1) log.writeLine(`line ${i}`);
    log.close();
    expect(statSync(path).size + statSync(`${path}.1`).size).to.be.lessThan(2100);
    expect(lastLinesOf(path, 1)).to.deep.equal(['line 499']);
  });

  it('says which file cannot be written', () => {
    mkdirSync(path, { recursive: true });
    expect(() => new LogFile(path)).to.throw(`cannot write the log ${path}`);
  });
});
