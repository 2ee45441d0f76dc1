import type { RenewRequest, RenewResponse } from '../../sdk/api/work.js';
import { reconciledKinds } from './reconciled-kinds.js';
import type { WorkContext } from './work-context.js';

/** Extends the leases, one store call for each kind; answers those lost. */
export async function renewLeases(
  context: WorkContext,
  { worker, leaseMs, leases }: RenewRequest,
): Promise<RenewResponse> {
  const resources = new Set(leases.map(({ resource }) => resource));
  const kinds = await reconciledKinds(context, resources);
  const lost = await Promise.all(
    [...resources].map((resource) => {
      const kind = kinds.get(resource);
      const some = leases.filter((lease) => lease.resource === resource);
      return kind === undefined
        ? some.map(({ uid }) => uid)
        : context.store.renew(kind, worker, leaseMs, some);
    }),
  );
  return { lost: lost.flat() };
}
