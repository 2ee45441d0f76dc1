import { KindRegistry } from '../sdk/api/registry.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import type { Part } from '../sdk/process.js';
import type { ReconcilerPartOptions } from '../sdk/run/reconciler-part.js';
import { createReconcilerPart } from '../sdk/run/reconciler-part.js';
import type { Reconciler } from '../sdk/runtime/reconciler.js';
import { reconcilers } from './registry.js';

export interface ReconcilersOptions extends Omit<
  ReconcilerPartOptions,
  'reconcilers' | 'fieldManager'
> {
  /** Default: the built-in kinds. */
  readonly registry?: KindRegistry;
  /** One for each kind. Default: the built-in ones. */
  readonly reconcilers?: readonly Reconciler[];
}

/** Runs every reconciler of the registry over a client. */
export function createReconcilers(options: ReconcilersOptions): Part {
  const registry = options.registry ?? new KindRegistry(kinds);
  return createReconcilerPart({
    ...options,
    fieldManager: 'threeport-reconcilers',
    reconcilers: (options.reconcilers ?? reconcilers).map((reconciler) => ({
      reconciler,
      kind: registry.resource(reconciler.resource),
    })),
  });
}
