import { isJsonObject } from './json-object.js';
import type { SchemaNode } from './schema-walk.js';

/** How strategic merge treats one list. */
export type ListPatchRule =
  | { readonly kind: 'replace' }
  | { readonly kind: 'merge-values' }
  | { readonly kind: 'merge-by-key'; readonly mergeKey: string };

const REPLACE: ListPatchRule = { kind: 'replace' };
const MERGE_VALUES: ListPatchRule = { kind: 'merge-values' };

/** Merge keys of Kubernetes' core kinds, for schemas that do not say them. First that fits wins. */
const WELL_KNOWN_MERGE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['containers', ['name']],
  ['initContainers', ['name']],
  ['ephemeralContainers', ['name']],
  ['volumes', ['name']],
  ['env', ['name']],
  ['ports', ['containerPort', 'port']],
  ['volumeMounts', ['mountPath']],
  ['volumeDevices', ['devicePath']],
  ['imagePullSecrets', ['name']],
  ['conditions', ['type']],
  ['addresses', ['type']],
  ['ownerReferences', ['uid']],
  ['hostAliases', ['ip']],
  ['topologySpreadConstraints', ['topologyKey']],
  ['secrets', ['name']],
]);

/**
 * The rule for the list `field`: the schema's patch strategy, else the well-known merge key that
 * every item of the patch has, else the schema's list type, else the list is replaced.
 */
export function listPatchRule(
  field: string,
  node: SchemaNode,
  patchItems: readonly unknown[],
): ListPatchRule {
  if (node.patchStrategies.length > 0) {
    if (!node.patchStrategies.includes('merge')) return REPLACE;
    return node.patchMergeKey === undefined
      ? MERGE_VALUES
      : { kind: 'merge-by-key', mergeKey: node.patchMergeKey };
  }
  if (node.saysListType && node.listType === 'atomic') return REPLACE;
  const mergeKey = WELL_KNOWN_MERGE_KEYS.get(field)?.find((key) =>
    patchItems.every(
      (item) => isJsonObject(item) && (Object.hasOwn(item, key) || '$patch' in item),
    ),
  );
  if (mergeKey !== undefined) return { kind: 'merge-by-key', mergeKey };
  if (node.listType === 'set') return MERGE_VALUES;
  const [only, ...rest] = node.listMapKeys;
  return only !== undefined && rest.length === 0
    ? { kind: 'merge-by-key', mergeKey: only }
    : REPLACE;
}
