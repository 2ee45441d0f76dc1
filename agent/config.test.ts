import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readConfig } from './config.js';

describe('readConfig of the agent', () => {
  let folder: string;
  let hosted: Readonly<Record<string, string>>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agent-config-'));
    writeFileSync(join(folder, 'token'), 'secret\n');
    hosted = {
      THREEPORT_SERVER: 'https://127.0.0.1:1',
      THREEPORT_TOKEN_FILE: join(folder, 'token'),
      THREEPORT_AGENT_MODE: 'hosted',
    };
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('has defaults', () => {
    expect(readConfig(hosted)).to.deep.equal({
      server: 'https://127.0.0.1:1',
      token: 'secret',
      cluster: { mode: 'hosted', allowCredentialPlugins: false },
      heartbeatMs: 5_000,
      heartbeatValidMs: 15_000,
      logLevel: 'info',
    });
  });

  it('finds the credential of its pod', () => {
    const { cluster } = readConfig({
      ...hosted,
      THREEPORT_AGENT_MODE: 'cluster',
      THREEPORT_RUNTIME: 'dev',
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '6443',
    });
    expect(cluster).to.deep.include({ mode: 'cluster', runtime: 'dev' });
    expect(cluster).to.have.nested.property('access.server', 'https://[fd00::1]:6443');
  });

  const wrong: readonly { readonly name: string; readonly given: Record<string, string> }[] = [
    { name: 'THREEPORT_SERVER', given: { THREEPORT_SERVER: '' } },
    { name: 'THREEPORT_TOKEN_FILE', given: { THREEPORT_TOKEN_FILE: '/nowhere/token' } },
    { name: 'THREEPORT_CA_FILE', given: { THREEPORT_CA_FILE: '/nowhere/ca' } },
    { name: 'THREEPORT_AGENT_MODE', given: { THREEPORT_AGENT_MODE: 'both' } },
    { name: 'THREEPORT_RUNTIME', given: { THREEPORT_AGENT_MODE: 'cluster' } },
    {
      name: 'THREEPORT_KUBECONFIG_FILE',
      given: { THREEPORT_AGENT_MODE: 'cluster', THREEPORT_RUNTIME: 'dev' },
    },
    { name: 'THREEPORT_HEARTBEAT_MS', given: { THREEPORT_HEARTBEAT_MS: '5s' } },
    { name: 'THREEPORT_LOG_LEVEL', given: { THREEPORT_LOG_LEVEL: 'loud' } },
  ];
  for (const { name, given } of wrong) {
    it(`names ${name} when it is wrong`, () => {
      expect(() => readConfig({ ...hosted, ...given })).to.throw(name);
    });
  }
});
