import type { StoredApiObject } from '../api/object.js';
import type {
  KubernetesRuntimeInstance,
  KubernetesRuntimeInstanceSpec,
  SecretFields,
} from '../api/zz_generated.types.js';
import type { ApiPort } from '../ports/api-port.js';
import type { NamedRead } from '../ports/read-ahead.js';

/** The kubeconfig of a runtime, or what is missing: said for people, without the Secret's content. */
export type RuntimeKubeconfig = { readonly text: string } | { readonly missing: string };

/** A runtime names the Secret that is read after it. */
export const kubeconfigAfterRuntime: NamedRead = {
  resource: 'kubernetesruntimeinstances.kubernetes.threeport.io',
  namedBy: (runtime) => {
    const { spec } = runtime as KubernetesRuntimeInstance;
    return spec === undefined ? undefined : { resource: 'secrets', ...secretKey(spec) };
  },
};

/** Reads the kubeconfig that a KubernetesRuntimeInstance names. Errors of the API pass through. */
export async function readRuntimeKubeconfig(
  api: Pick<ApiPort, 'find'>,
  spec: KubernetesRuntimeInstanceSpec,
): Promise<RuntimeKubeconfig> {
  const { namespace, name } = secretKey(spec);
  const { key = 'kubeconfig' } = spec.kubeconfigSecret;
  const secret = (await api.find('secrets', { namespace, name })) as
    (StoredApiObject & SecretFields) | undefined;
  if (secret === undefined) {
    return {
      missing:
        `Secret ${namespace}/${name}, which holds the kubeconfig, does not exist; create it with ` +
        `the key "${key}"`,
    };
  }
  const data = secret.data?.[key];
  if (data === undefined || data === '') {
    return { missing: `Secret ${namespace}/${name} has no key "${key}" with a kubeconfig` };
  }
  return { text: Buffer.from(data, 'base64').toString('utf8') };
}

function secretKey({ kubeconfigSecret }: KubernetesRuntimeInstanceSpec): {
  readonly namespace: string;
  readonly name: string;
} {
  return { namespace: kubeconfigSecret.namespace ?? 'default', name: kubeconfigSecret.name };
}
