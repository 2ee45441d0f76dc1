import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { machineKind } from '../cloud/machine-kind.js';

/** Threeport's own, and one for what has no name of ours. */
export const simulatedKinds = [...kinds, machineKind];
