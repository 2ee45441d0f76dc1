import { readFile } from 'node:fs/promises';

import type { ServiceAccount } from './config.js';

/**
 * The pod's own credential as kubeconfig text. Kubernetes replaces the token now and then: read
 * again, the text differs.
 */
export async function inClusterKubeconfig(account: ServiceAccount): Promise<string> {
  const [ca, token] = await Promise.all([readFile(account.caFile), readFile(account.tokenFile)]);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'in-cluster',
    clusters: [
      {
        name: 'in-cluster',
        cluster: {
          server: account.server,
          'certificate-authority-data': ca.toString('base64'),
        },
      },
    ],
    users: [{ name: 'agent', user: { token: token.toString('utf8').trim() } }],
    contexts: [{ name: 'in-cluster', context: { cluster: 'in-cluster', user: 'agent' } }],
  });
}
