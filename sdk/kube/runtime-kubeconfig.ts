import type {
  KubernetesRuntimeInstance,
  KubernetesRuntimeInstanceSpec,
} from '../api/zz_generated.types.js';
import type { NamedRead } from '../ports/read-ahead.js';
import type { SecretsPort } from '../ports/secrets-port.js';

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
  secrets: SecretsPort,
  spec: KubernetesRuntimeInstanceSpec,
): Promise<RuntimeKubeconfig> {
  const { namespace, name } = secretKey(spec);
  const { key = 'kubeconfig' } = spec.kubeconfigSecret;
  const secret = await secrets.read({ namespace, name, key });
  if ('value' in secret) return { text: secret.value };
  const described = `Secret ${namespace}/${name}`;
  return {
    missing:
      secret.missing === 'key'
        ? `${described} has no key "${key}" with a kubeconfig`
        : `${described}, which holds the kubeconfig, does not exist; create it with the key "${key}"`,
  };
}

function secretKey({ kubeconfigSecret }: KubernetesRuntimeInstanceSpec): {
  readonly namespace: string;
  readonly name: string;
} {
  return { namespace: kubeconfigSecret.namespace ?? 'default', name: kubeconfigSecret.name };
}
