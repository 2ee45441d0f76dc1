import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTlsFiles } from './tls-files.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('ensureTlsFiles', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'threeport-test-tls-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');

  it('makes a CA and a certificate for this machine, their keys closed to others', async () => {
    const files = await ensureTlsFiles(dir);
    const ca = new X509Certificate(files.ca);
    const certificate = new X509Certificate(readFileSync(files.certFile));
    expect(ca.ca).to.equal(true);
    expect(certificate.ca).to.equal(false);
    expect(certificate.verify(ca.publicKey)).to.equal(true);
    expect(certificate.checkHost('localhost')).to.equal('localhost');
    expect(certificate.checkIP('127.0.0.1')).to.equal('127.0.0.1');
    expect(certificate.subjectAltName).to.match(/0:0:0:0:0:0:0:1/);
    expect(statSync(files.keyFile).mode & 0o077).to.equal(0);
  });

  const cases = [
    { name: 'keeps good files', days: 0, spoil: () => undefined, ca: 'same', certificate: 'same' },
    {
      name: 'keeps a certificate that has more than 30 days left',
      days: 330,
      spoil: () => undefined,
      ca: 'same',
      certificate: 'same',
    },
    {
      name: 'renews a certificate that has less, under the same CA',
      days: 340,
      spoil: () => undefined,
      ca: 'same',
      certificate: 'new',
    },
    {
      name: 'renews both when the CA is about to expire',
      days: 3640,
      spoil: () => undefined,
      ca: 'new',
      certificate: 'new',
    },
    {
      name: 'renews a certificate whose key is gone',
      days: 0,
      spoil: () => unlinkSync(join(dir, 'server.key')),
      ca: 'same',
      certificate: 'new',
    },
    {
      name: 'renews what cannot be read',
      days: 0,
      spoil: () => writeFileSync(join(dir, 'ca.crt'), 'not a certificate'),
      ca: 'new',
      certificate: 'new',
    },
  ];
  for (const { name, days, spoil, ca, certificate } of cases) {
    it(name, async () => {
      const now = new Date();
      await ensureTlsFiles(dir, now);
      const before = { ca: read('ca.crt'), certificate: read('server.crt') };
      spoil();
      const files = await ensureTlsFiles(dir, new Date(now.getTime() + days * DAY_MS));
      expect(read('ca.crt') === before.ca ? 'same' : 'new').to.equal(ca);
      expect(read('server.crt') === before.certificate ? 'same' : 'new').to.equal(certificate);
      const issued = new X509Certificate(read('server.crt'));
      expect(issued.verify(new X509Certificate(files.ca).publicKey)).to.equal(true);
    });
  }
});
