import { labelSelectorText, type LabelSelector } from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';

export interface RosterStatus {
  machines?: string[];
}

/** Lists the machines that a Roster selects. It looks only when it is woken. */
export const rosterReconciler: Reconciler<{ selector?: LabelSelector }, RosterStatus> = {
  resource: 'rosters.simulation.threeport.io',

  async reconcile({ metadata: { namespace = '' }, spec }, ctx) {
    const labelSelector = labelSelectorText(spec?.selector ?? {});
    const machines = await ctx.api.list('machines.simulation.threeport.io', {
      namespace,
      labelSelector,
    });
    ctx.status.machines = entriesOf(machines);
    return done;
  },
};

/** `name=value` of each machine, in order. */
export function entriesOf(machines: readonly ApiObject[]): string[] {
  return machines
    .map(({ metadata: { name }, spec }) => `${name}=${(spec as { value?: string }).value ?? ''}`)
    .toSorted();
}
