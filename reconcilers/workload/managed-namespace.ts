import { createHash } from 'node:crypto';

const MAX_NAMESPACE_CHARS = 63;
const HASH_CHARS = 10;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The namespace of an instance in its cluster: its name and a hash of its uid, so that a repeated
 * attempt finds the same one, and two instances of one name (in two namespaces of ours, or one after
 * the other) never share one. A valid Kubernetes namespace name.
 */
export function managedNamespaceName(instance: { name: string; uid: string }): string {
  const digest = createHash('sha256').update(instance.uid).digest();
  const hash = [...digest.subarray(0, HASH_CHARS)].map((byte) => BASE32[byte & 31]).join('');
  const prefix = instance.name
    .replaceAll('.', '-')
    .slice(0, MAX_NAMESPACE_CHARS - HASH_CHARS - 1)
    .replace(/-+$/, '');
  return `${prefix}-${hash}`;
}
