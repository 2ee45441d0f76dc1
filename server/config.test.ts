import { expect } from 'chai';
import { readConfig } from './config.js';

describe('server readConfig', () => {
  const env = {
    THREEPORT_TOKENS_FILE: '/t',
    THREEPORT_DATABASE_URL: 'postgres://u:password@h/d',
    THREEPORT_ENCRYPTION_KEY_FILE: '/k',
  };

  it('has defaults for what may be left out', () => {
    expect(readConfig(env)).to.deep.equal({
      listen: { host: '127.0.0.1', port: 7443 },
      tokensFile: '/t',
      databaseUrl: 'postgres://u:password@h/d',
      encryptionKeyFile: '/k',
      journal: { maxAgeMs: 604_800_000, maxEntries: 100_000 },
      logLevel: 'info',
    });
  });

  it('tells all problems at once, and no secret', () => {
    const broken = {
      THREEPORT_DATABASE_URL: 'postgres://u:password@h/d',
      THREEPORT_LISTEN_PORT: '99999',
      THREEPORT_LOG_LEVEL: 'loud',
      THREEPORT_TLS_CERT_FILE: '/c',
    };
    const read = (): unknown => readConfig(broken);
    expect(read).to.throw(
      /cannot read \/c.*both or neither.*99999.*TOKENS_FILE is not set.*ENCRYPTION_KEY_FILE is not set.*loud/,
    );
    expect(read).to.not.throw(/password/);
  });
});
