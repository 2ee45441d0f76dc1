import type { ObjectStore } from '../../server/store/object-store.js';
import { entriesOf, type RosterStatus } from '../cloud/roster-reconciler.js';
import { stored } from './stored.js';
import type { Violation } from './violation.js';

/** Each roster lists the machines of its colour as they are, and no others. */
export async function unmetInRosters(store: ObjectStore): Promise<Violation[]> {
  const machines = await stored(store, 'machines.simulation.threeport.io');
  const rosters = await stored(store, 'rosters.simulation.threeport.io');
  return rosters.flatMap(({ metadata: { name }, status }) => {
    const ofColour = machines.filter(({ metadata: { labels } }) => labels?.['colour'] === name);
    const wants = entriesOf(ofColour).join(' ');
    const has = ((status as RosterStatus | undefined)?.machines ?? []).join(' ');
    return has === wants ? [] : [`roster ${name} has [${has}] in place of [${wants}]`];
  });
}
