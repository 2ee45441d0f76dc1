import { isApiError } from '../../sdk/api/errors.js';
import { ReconcileError } from '../../sdk/runtime/reconciler.js';
import { isOfWholeCluster } from './apply-resources.js';

/** Passes errors on, those of the cluster as a whole as ReconcileError naming the runtime. */
export async function withRuntime<T>(runtime: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isOfWholeCluster(error)) throw error;
    const isRefusal = isApiError(error, 'TooManyRequests') || isApiError(error, 'Unauthorized');
    const reason = isRefusal ? error.reason : 'ClusterUnreachable';
    throw new ReconcileError(reason, `runtime ${runtime}`, { cause: error });
  }
}
