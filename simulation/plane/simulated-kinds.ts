import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { machineKind } from '../cloud/machine-kind.js';
import { rosterKind } from '../cloud/roster-kind.js';

/** Threeport's own, one for what has no name of ours, and one that selects. */
export const simulatedKinds = [...kinds, machineKind, rosterKind];
