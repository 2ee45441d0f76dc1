import type { ApiObject } from '../../sdk/api/object.js';
import type { SimCloud } from '../cloud/sim-cloud.js';
import type { Subjects } from './owner.js';

/** Machines of this cloud. */
export function machinesOf(cloud: SimCloud): Subjects {
  return {
    resource: 'machines.simulation.threeport.io',
    make: (name, value): ApiObject => ({
      apiVersion: 'simulation.threeport.io/v1',
      kind: 'Machine',
      metadata: { name, namespace: 'default' },
      spec: { value },
    }),
    spoil: ({ metadata: { uid } }, how) => cloud.spoil(uid, how),
  };
}
