import type { ApiObject } from '../../sdk/api/object.js';
import type { SimCloud } from '../cloud/sim-cloud.js';
import type { Subjects } from './owner.js';
import { COLOURS } from './rosters.js';

/** Machines of this cloud. */
export function machinesOf(cloud: SimCloud): Subjects {
  return {
    resource: 'machines.simulation.threeport.io',
    make: (name, value): ApiObject => ({
      apiVersion: 'simulation.threeport.io/v1',
      kind: 'Machine',
      metadata: { name, namespace: 'default', labels: { colour: colourOf(value) } },
      spec: { value },
    }),
    spoil: ({ metadata: { uid } }, how) => cloud.spoil(uid, how),
  };
}

/** Of the two rosters of a story a machine is on one, and goes to the other as it is changed. */
function colourOf(value: string): string {
  return COLOURS[Number(value.replace(/\D+/g, '')) % COLOURS.length] ?? '';
}
