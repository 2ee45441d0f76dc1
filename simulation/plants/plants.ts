import { plantsOfEffects } from './of-effects.js';
import { plantsOfFinalizers } from './of-finalizers.js';
import { plantsOfLeases } from './of-leases.js';
import { plantsOfReconcilers } from './of-reconcilers.js';
import { plantsOfTheStore } from './of-the-store.js';
import { plantsOfWakes } from './of-wakes.js';
import { plantsOfWatches } from './of-watches.js';
import type { Plant } from './plant.js';

/** Every bug that the simulation is tested with. */
export const plants: readonly Plant[] = [
  ...plantsOfFinalizers,
  ...plantsOfLeases,
  ...plantsOfWakes,
  ...plantsOfReconcilers,
  ...plantsOfEffects,
  ...plantsOfTheStore,
  ...plantsOfWatches,
];
