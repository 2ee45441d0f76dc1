import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import { canonicalQuantity } from '../../server/schema/quantity.js';
import { namespaceUsage } from '../admission/resource-quota.js';
import type { ResourceQuota } from '../admission/resource-quota.js';
import type { Controller, ControllerContext } from './controller.js';

const RESOURCE = 'resourcequotas';

/** Shows in a ResourceQuota's status what its namespace uses. Admission does the refusing. */
export const quotaController: Controller = {
  name: 'quota',
  keysFor: ({ object }, cache) =>
    object.metadata.namespace === undefined
      ? []
      : cache.list<ResourceQuota>(RESOURCE, object.metadata.namespace).map(objectKeyOf),

  async reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
    const quota = cache.get<ResourceQuota>(RESOURCE, key.namespace, key.name);
    if (quota === undefined || isBeingDeleted(quota)) return undefined;
    const limits = Object.entries(quota.spec?.hard ?? {});
    const hard = Object.fromEntries(
      limits.map(([name, value]) => [name, canonicalQuantity(value)]),
    );
    await client.updateStatus(quota, {
      hard,
      used: namespaceUsage(cache, key.namespace, Object.keys(hard)),
    });
    return undefined;
  },
};
