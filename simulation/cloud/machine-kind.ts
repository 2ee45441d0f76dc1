import type { KindDefinition } from '../../sdk/api/kind.js';

/** A kind of the simulation alone: what it stands for has no name of ours. */
export const machineKind: KindDefinition = {
  group: 'simulation.threeport.io',
  version: 'v1',
  kind: 'Machine',
  plural: 'machines',
  singular: 'machine',
  listKind: 'MachineList',
  shortNames: [],
  categories: [],
  namespaced: true,
  status: true,
  printerColumns: [],
  references: [],
  indexed: [],
  immutable: [],
  sensitive: [],
  reconciled: { finalizer: 'simulation.threeport.io/machine' },
  schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { value: { type: 'string' } } },
      status: {
        type: 'object',
        properties: {
          observedGeneration: { type: 'integer' },
          token: { type: 'string' },
          id: { type: 'string' },
          conditions: {
            type: 'array',
            items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    },
  },
};
