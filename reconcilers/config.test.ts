import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from './config.js';

describe('reconcilers config', () => {
  let dir: string;
  let env: Record<string, string>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'threeport-config-'));
    writeFileSync(join(dir, 'token'), 'secret\n');
    writeFileSync(join(dir, 'ca.pem'), 'PEM');
    env = {
      THREEPORT_SERVER: 'https://127.0.0.1:1',
      THREEPORT_TOKEN_FILE: join(dir, 'token'),
      THREEPORT_CA_FILE: join(dir, 'ca.pem'),
      THREEPORT_NATS_URL: 'nats://user:password@127.0.0.1:2',
    };
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  it('reads the variables and the files they name', () => {
    expect(readConfig(env)).to.deep.equal({
      server: 'https://127.0.0.1:1',
      token: 'secret',
      ca: 'PEM',
      natsUrl: 'nats://user:password@127.0.0.1:2',
      resyncMs: 600_000,
      allowCredentialPlugins: false,
      logLevel: 'info',
    });
  });

  it('tells metrics only where a port is set, to this machine unless told otherwise', () => {
    expect(readConfig({ ...env, THREEPORT_METRICS_HOST: '0.0.0.0' })).not.to.have.property(
      'metrics',
    );
    expect(readConfig({ ...env, THREEPORT_METRICS_PORT: '9090' }).metrics).to.deep.equal({
      host: '127.0.0.1',
      port: 9090,
    });
    expect(() => readConfig({ ...env, THREEPORT_METRICS_PORT: 'x' })).to.throw(
      'THREEPORT_METRICS_PORT',
    );
  });

  it('looks again every ten minutes, unless told otherwise', () => {
    expect(readConfig({ ...env, THREEPORT_RESYNC_MS: '60000' }).resyncMs).to.equal(60_000);
    expect(readConfig({ ...env, THREEPORT_RESYNC_MS: '0' })).not.to.have.property('resyncMs');
    expect(() => readConfig({ ...env, THREEPORT_RESYNC_MS: '-1' })).to.throw('THREEPORT_RESYNC_MS');
  });

  it('does without CA and NATS', () => {
    const { THREEPORT_SERVER, THREEPORT_TOKEN_FILE } = env as Record<string, string>;
    const config = readConfig({
      THREEPORT_SERVER,
      THREEPORT_TOKEN_FILE,
      THREEPORT_LOG_LEVEL: 'warn',
    });
    expect(config).to.deep.equal({
      server: 'https://127.0.0.1:1',
      token: 'secret',
      resyncMs: 600_000,
      allowCredentialPlugins: false,
      logLevel: 'warn',
    });
  });

  it('takes the time of a lease', () => {
    expect(readConfig({ ...env, THREEPORT_LEASE_MS: '1000' })).to.include({ leaseMs: 1_000 });
    expect(() => readConfig({ ...env, THREEPORT_LEASE_MS: '999' })).to.throw(/LEASE_MS is "999"/);
  });

  it('names everything that is wrong at once, and no password', () => {
    const given = {
      THREEPORT_NATS_URL: 'http://user:password@h',
      THREEPORT_TOKEN_FILE: join(dir, 'no-such-file'),
      THREEPORT_LOG_LEVEL: 'loud',
    };
    expect(() => readConfig(given))
      .to.throw(/NATS_URL.*THREEPORT_SERVER is not set.*LOG_LEVEL is "loud"/s)
      .with.property('message')
      .that.matches(/THREEPORT_TOKEN_FILE: cannot read .*ENOENT/)
      .and.does.not.include('password');
  });
});
