import type { ObjectMeta } from '../../sdk/api/object.js';
import { canonicalJson } from '../apply/canonical-json.js';

/** Where the duplicates came from, as far as it changes Kubernetes' words for them. */
export type OwnersSource = 'request' | 'patch';

/**
 * Removes owner references that stand there twice, in every field alike, and returns the warning that
 * a kube-apiserver gives; [] when there are none. Changes `metadata`.
 */
export function dropDuplicateOwners(
  metadata: Pick<ObjectMeta, 'ownerReferences'>,
  source: OwnersSource,
): readonly string[] {
  const owners = metadata.ownerReferences ?? [];
  if (new Set(owners.map(({ uid }) => uid)).size === owners.length) return [];
  const seen = new Set<string>();
  const duplicates: string[] = [];
  const kept = owners.filter((owner) => {
    const text = canonicalJson(owner);
    const isNew = !seen.has(text);
    seen.add(text);
    if (!isNew) duplicates.push(owner.uid);
    return isNew;
  });
  if (duplicates.length === 0) return [];
  metadata.ownerReferences = kept;
  const when = source === 'patch' ? ' after mutating admission happens' : '';
  return [
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  ];
}
