import type { RenewRequest, RenewResponse } from '../../sdk/api/work.js';
import type { WorkContext } from './work-context.js';

/** Extends the leases, one store call for each kind; answers those lost. */
export async function renewLeases(
  { registry, store }: WorkContext,
  { worker, leaseMs, leases }: RenewRequest,
): Promise<RenewResponse> {
  const resources = [...new Set(leases.map(({ resource }) => resource))];
  const lost = await Promise.all(
    resources.map((resource) =>
      store.renew(
        registry.resource(resource),
        worker,
        leaseMs,
        leases.filter((lease) => lease.resource === resource),
      ),
    ),
  );
  return { lost: lost.flat() };
}
