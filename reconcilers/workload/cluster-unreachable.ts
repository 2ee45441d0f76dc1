import { ReconcileError } from '../../sdk/runtime/reconciler.js';
import { isUnreachable } from './apply-resources.js';

/** Passes errors on, those of an unreachable cluster as ReconcileError naming the runtime. */
export async function withRuntime<T>(runtime: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    throw new ReconcileError('ClusterUnreachable', `runtime ${runtime}`, { cause: error });
  }
}
