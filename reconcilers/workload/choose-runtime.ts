import type { KubernetesRuntimeInstance } from '../../sdk/api/zz_generated.types.js';
import type { ApiPort } from '../../sdk/ports/api-port.js';
import { resourceNames } from './resource-names.js';

export type RuntimeChoice =
  { readonly runtime: string } | { readonly reason: string; readonly message: string };

/**
 * The named runtime, else the one marked as default. A named one need not exist yet: its instance
 * waits for it.
 */
export async function chooseRuntime(
  named: string | undefined,
  api: Pick<ApiPort, 'list'>,
): Promise<RuntimeChoice> {
  if (named !== undefined) return { runtime: named };
  const runtimes = await api.list<KubernetesRuntimeInstance>(resourceNames.runtime);
  const defaults = runtimes
    .filter(({ spec }) => spec?.default === true)
    .map(({ metadata }) => metadata.name)
    .sort();
  const [runtime, ...others] = defaults;
  if (runtime === undefined) {
    return {
      reason: 'NoDefaultRuntime',
      message:
        'spec.runtime names no KubernetesRuntimeInstance, and none has `spec.default: true`; ' +
        'name one or make one the default',
    };
  }
  return others.length === 0
    ? { runtime }
    : {
        reason: 'SeveralDefaultRuntimes',
        message:
          `spec.runtime names no KubernetesRuntimeInstance, and ${defaults.join(', ')} all have ` +
          '`spec.default: true`; name one or leave a single default',
      };
}
