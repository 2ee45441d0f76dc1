import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { objectForbidden } from '../../server/api-errors.js';
import type { ClusterCache } from '../cluster-cache.js';
import { isPodFinished } from '../controllers/pods.js';
import type { Pod, PodSpec } from '../kubernetes-types.js';
import { addQuantities, compareQuantities } from '../../server/schema/quantity.js';

export type ResourceQuota = StoredApiObject<
  { hard?: Record<string, unknown> },
  { hard?: Record<string, unknown>; used?: Record<string, unknown> }
>;

/** The kinds that quotas know by a short name. Everything else is `count/<plural>.<group>`. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  pods: 'pods',
  services: 'services',
  secrets: 'secrets',
  configmaps: 'configmaps',
  persistentvolumeclaims: 'persistentvolumeclaims',
  resourcequotas: 'resourcequotas',
};

/** What one object counts for against quotas: `pods=1`, `requests.cpu=500m` and so on. */
export function usageOf(resource: string, object: ApiObject): Record<string, string> {
  const usage: Record<string, string> = { [`count/${resource}`]: '1' };
  if (resource === 'pods' && isPodFinished(object as Pod)) return usage;
  const short = SHORT_NAMES[resource];
  if (short !== undefined) usage[short] = '1';
  if (resource === 'pods') Object.assign(usage, computeUsage(object.spec as PodSpec));
  if (resource === 'persistentvolumeclaims') {
    const { resources } = object.spec as { resources?: { requests?: { storage?: unknown } } };
    usage['requests.storage'] = addQuantities([resources?.requests?.storage]);
  }
  return usage;
}

/** What a namespace uses of the resources that a quota limits, in canonical quantities. */
export function namespaceUsage(
  cache: Pick<ClusterCache, 'inNamespace'>,
  namespace: string,
  resources: readonly string[],
): Record<string, string> {
  const amounts = new Map<string, unknown[]>(resources.map((resource) => [resource, []]));
  for (const { resource, object } of cache.inNamespace(namespace)) {
    for (const [name, amount] of Object.entries(usageOf(resource, object)))
      amounts.get(name)?.push(amount);
  }
  return Object.fromEntries([...amounts].map(([name, values]) => [name, addQuantities(values)]));
}

/** @throws ApiError Forbidden in Kubernetes' words when the new object does not fit in a quota. */
export function checkQuotas(
  cache: Pick<ClusterCache, 'inNamespace' | 'list'>,
  kind: KindDefinition,
  object: ApiObject,
): void {
  const namespace = object.metadata.namespace ?? '';
  const requested = usageOf(resourceName(kind), object);
  for (const quota of cache.list<ResourceQuota>('resourcequotas', namespace)) {
    const hard = quota.spec?.hard ?? {};
    const limited = Object.keys(hard).filter((name) => requested[name] !== undefined);
    if (limited.length === 0) continue;
    const used = namespaceUsage(cache, namespace, limited);
    const over = limited.filter(
      (name) => compareQuantities(addQuantities([used[name], requested[name]]), hard[name]) > 0,
    );
    if (over.length === 0) continue;
    const list = (values: Readonly<Record<string, unknown>>): string =>
      over
        .sort()
        .map((name) => `${name}=${String(values[name])}`)
        .join(',');
    throw objectForbidden(
      kind,
      object.metadata.name,
      `exceeded quota: ${quota.metadata.name}, requested: ${list(requested)}, used: ${list(used)}, limited: ${list(hard)}`,
    );
  }
}

function computeUsage(spec: PodSpec | undefined): Record<string, string> {
  const usage: Record<string, string> = {};
  for (const part of ['requests', 'limits'] as const) {
    for (const resource of ['cpu', 'memory']) {
      const amounts = (spec?.containers ?? []).map(
        (item) => item.resources?.[part]?.[resource] ?? 0,
      );
      usage[`${part}.${resource}`] = addQuantities(amounts);
      if (part === 'requests') usage[resource] = usage[`${part}.${resource}`] ?? '0';
    }
  }
  return usage;
}
