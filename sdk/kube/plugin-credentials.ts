import type { RequestOptions } from 'node:https';

import { ApiError } from '../api/errors.js';

/** Credentials for one request, from a kubeconfig's `exec` or `auth-provider` user. */
export interface PluginCredentials {
  readonly authorization?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

const PROGRAM_TIMEOUT_MS = 30_000;

/**
 * Credentials for users that need a program or provider, through `@kubernetes/client-node`, which
 * caches them until they expire. It is imported at the first call: it takes 0.7 s.
 *
 * @throws ApiError Unauthorized when the program fails or takes over 30 s; the message holds no
 *   credential.
 */
export function createPluginCredentials(kubeconfig: string): () => Promise<PluginCredentials> {
  const loaded = once(async () => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return config;
  });
  return async () => {
    const options: RequestOptions = {};
    try {
      await withinLimit((await loaded()).applyToHTTPSOptions(options));
    } catch {
      // No `cause`: what the program printed may hold a credential.
      throw new ApiError(
        'Unauthorized',
        'the program or provider that the kubeconfig names for credentials failed; ' +
          'run `kubectl version` with the same kubeconfig on this machine to see why',
      );
    }
    const headers = options.headers as Record<string, unknown> | undefined;
    const authorization = headers?.['Authorization'] ?? headers?.['authorization'];
    return {
      ...(typeof authorization === 'string' && { authorization }),
      ...(options.cert !== undefined && { clientCertificate: String(options.cert) }),
      ...(options.key !== undefined && { clientKey: String(options.key) }),
    };
  };
}

function withinLimit(call: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('time limit')), PROGRAM_TIMEOUT_MS);
    call.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
