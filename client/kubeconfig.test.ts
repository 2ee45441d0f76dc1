import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readKubeconfig } from './kubeconfig.js';

const CONFIG = `
apiVersion: v1
kind: Config
current-context: main
contexts:
  - { name: main, context: { cluster: plane, user: admin, namespace: team } }
  - { name: files, context: { cluster: other, user: certificate } }
  - { name: plugin, context: { cluster: plane, user: plugin } }
  - { name: dangling, context: { cluster: nowhere, user: admin } }
clusters:
  - name: plane
    cluster: { server: 'https://127.0.0.1:1', certificate-authority-data: ${Buffer.from('CA').toString('base64')} }
  - name: other
    cluster: { server: 'https://127.0.0.1:2', certificate-authority: ca.pem }
users:
  - { name: admin, user: { token: secret-token } }
  - { name: certificate, user: { client-certificate: cert.pem, client-key: missing.pem } }
  - { name: plugin, user: { exec: { command: aws } } }
`;

describe('readKubeconfig', () => {
  let dir: string;
  let file: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'threeport-kubeconfig-'));
    file = join(dir, 'config');
    await writeFile(file, CONFIG);
    await writeFile(join(dir, 'ca.pem'), 'CA of a file');
    await writeFile(join(dir, 'cert.pem'), 'certificate');
    await writeFile(join(dir, 'broken'), 'a: [secret-token');
    await writeFile(join(dir, 'other'), 'hello: world');
  });
  after(() => rmSync(dir, { recursive: true }));

  it('reads the current context', async () => {
    expect(await readKubeconfig(file)).to.deep.equal({
      context: 'main',
      server: 'https://127.0.0.1:1',
      namespace: 'team',
      ca: 'CA',
      token: 'secret-token',
    });
  });

  const refused: { name: string; context?: string; file?: string; want: RegExp }[] = [
    { name: 'a missing file', file: 'nothing', want: /no kubeconfig at .*nothing.*tptctl up/ },
    { name: 'no YAML', file: 'broken', want: /broken is no YAML$/ },
    { name: 'YAML of something else', file: 'other', want: /no kubeconfig: it has no clusters/ },
    { name: 'an unknown context', context: 'mian', want: /no context "mian"; it has: main, files/ },
    { name: 'an unknown cluster', context: 'dangling', want: /no cluster "nowhere"/ },
    { name: 'a plug-in', context: 'plugin', want: /plug-in, which is not supported/ },
    { name: 'a missing key file', context: 'files', want: /cannot read .*missing.pem/ },
  ];
  for (const { name, context, file: other, want } of refused) {
    it(`refuses ${name}, without quoting a credential`, async () => {
      const path = other === undefined ? file : join(dir, other);
      const error: unknown = await readKubeconfig(path, context).catch((reason: unknown) => reason);
      expect(String(error)).to.match(want);
      expect(String(error)).not.to.contain('secret-token');
    });
  }
});
