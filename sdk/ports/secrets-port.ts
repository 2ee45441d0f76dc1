import type { StoredApiObject } from '../api/object.js';
import type { SecretFields } from '../api/zz_generated.types.js';
import type { ApiReads } from './api-port.js';
import type { PortContract } from './port-contract.js';
import { nameOf } from './target.js';

/** One key of one Secret. */
export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The value as text, or which part of the reference leads nowhere. */
export type SecretValue = { readonly value: string } | { readonly missing: 'secret' | 'key' };

/** Values of Secrets by reference. What is recorded of a call is the reference, never the value. */
export interface SecretsPort {
  /** An empty value counts as missing. Errors of the API pass through. */
  read(ref: SecretRef): Promise<SecretValue>;
}

export const secretsContract: PortContract<SecretsPort, SecretsPort> = {
  read: { nature: 'read', target: (ref) => `Secret ${nameOf(ref)} key ${ref.key}` },
};

/** The Secrets of Threeport's own API. */
export function createSecrets(api: Pick<ApiReads, 'find'>): SecretsPort {
  return {
    async read({ namespace, name, key }) {
      const secret = (await api.find('secrets', { namespace, name })) as
        (StoredApiObject & SecretFields) | undefined;
      if (secret === undefined) return { missing: 'secret' };
      const data = secret.data?.[key];
      if (data === undefined || data === '') return { missing: 'key' };
      return { value: Buffer.from(data, 'base64').toString('utf8') };
    },
  };
}
