import type { KindDefinition } from '../../sdk/api/kind.js';
import { machineKind } from './machine-kind.js';

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A kind of the simulation alone: it selects others by their labels. */
export const rosterKind: KindDefinition = {
  ...machineKind,
  kind: 'Roster',
  plural: 'rosters',
  singular: 'roster',
  listKind: 'RosterList',
  selectors: [{ path: 'spec.selector', group: machineKind.group, kind: machineKind.kind }],
  reconciled: {},
  schema: {
    type: 'object',
    properties: { spec: { type: 'object', properties: { selector: open } }, status: open },
  },
};
