import { expect } from 'chai';
import { isApiError } from '../api/errors.js';
import { parseKubeconfig } from './kubeconfig.js';

const SECRET = 'c2VjcmV0LXZhbHVl';

function config(cluster: object, user: object): string {
  return JSON.stringify({
    'current-context': 'one',
    contexts: [
      { name: 'other', context: { cluster: 'x', user: 'x' } },
      { name: 'one', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  });
}

const pem = (what: string): string =>
  Buffer.from(`-----BEGIN ${what}-----\nx\n-----END ${what}-----\n`).toString('base64');

describe('parseKubeconfig', () => {
  const cases = [
    {
      name: 'a token',
      given: config({ server: 'https://h:6443/' }, { token: 'abc\n' }),
      want: {
        server: 'https://h:6443',
        insecureSkipTlsVerify: false,
        needsPlugin: false,
        authorization: 'Bearer abc',
      },
    },
    {
      name: 'a password, a path and no check of the certificate',
      given: config(
        { server: 'https://h/k8s/c1', 'insecure-skip-tls-verify': true, 'tls-server-name': 's' },
        { username: 'me', password: 'pw' },
      ),
      want: {
        server: 'https://h/k8s/c1',
        insecureSkipTlsVerify: true,
        needsPlugin: false,
        tlsServerName: 's',
        authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      },
    },
    {
      name: 'certificates',
      given: config(
        { server: 'https://h', 'certificate-authority-data': pem('CERTIFICATE') },
        { 'client-certificate-data': pem('CERTIFICATE'), 'client-key-data': pem('KEY') },
      ),
      want: {
        server: 'https://h',
        insecureSkipTlsVerify: false,
        needsPlugin: false,
        ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
        clientCertificate: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
        clientKey: '-----BEGIN KEY-----\nx\n-----END KEY-----\n',
      },
    },
    {
      name: 'a credential program',
      given: config({ server: 'http://h' }, { exec: { command: 'aws' } }),
      want: { server: 'http://h', insecureSkipTlsVerify: false, needsPlugin: true },
    },
  ];
  for (const { name, given, want } of cases) {
    it(`reads ${name}`, () => {
      expect(parseKubeconfig(given)).to.deep.equal(want);
    });
  }

  const refused = [
    { name: 'text that is no YAML', given: `a: [${SECRET}\nb`, want: /is not YAML \(line \d\)$/ },
    { name: 'a text alone', given: SECRET, want: /not a YAML mapping/ },
    { name: 'no current context', given: '{}', want: /`current-context` is not set/ },
    {
      name: 'a context that is not there',
      given: '{current-context: x, contexts: []}',
      want: /`contexts` has no entry/,
    },
    { name: 'no server', given: config({}, { token: SECRET }), want: /no `server`/ },
    {
      name: 'another protocol',
      given: config({ server: 'file:///etc/passwd' }, { token: SECRET }),
      want: /neither an https nor an http URL/,
    },
    {
      name: 'credentials in the address',
      given: config({ server: `https://me:${SECRET}@h` }, {}),
      want: /`server` holds credentials/,
    },
    {
      name: 'a file on this machine',
      given: config({ server: 'https://h' }, { tokenFile: '/etc/shadow' }),
      want: /`tokenFile` names a file/,
    },
    {
      name: 'a certificate without key',
      given: config({ server: 'https://h' }, { 'client-certificate-data': pem('CERTIFICATE') }),
      want: /needed together/,
    },
    {
      name: 'a CA that is no certificate',
      given: config({ server: 'https://h', 'certificate-authority-data': SECRET }, {}),
      want: /no PEM in base64/,
    },
    {
      name: 'a token that no header can carry',
      given: config({ server: 'https://h' }, { token: `${SECRET}\nx: y` }),
      want: /characters that no token has/,
    },
  ];
  for (const { name, given, want } of refused) {
    it(`refuses ${name}, without quoting it`, () => {
      try {
        parseKubeconfig(given);
      } catch (error) {
        if (!isApiError(error, 'Invalid')) throw error;
        expect(error.message).to.match(want);
        expect(`${error.message} ${String(error.cause)} ${error.stack}`).to.not.include(SECRET);
        return;
      }
      expect.fail('it was accepted');
    });
  }
});
