import { isAlreadyExists } from '../../sdk/api/errors.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { Controller, ControllerContext } from './controller.js';

const ROOT_CA = 'kube-root-ca.crt';

/**
 * Puts into each namespace the certificate that every namespace of a real cluster has. Its ServiceAccount
 * is the API server's own business.
 */
export class NamespaceContentController implements Controller {
  readonly name = 'namespace-content';
  readonly #caCertificate: string;

  /** `caCertificate` is the PEM that `kube-root-ca.crt` holds. */
  constructor(caCertificate: string) {
    this.#caCertificate = caCertificate;
  }

  keysFor({ resource, object, type }: Parameters<Controller['keysFor']>[0]): readonly ObjectKey[] {
    const { namespace = '', name } = object.metadata;
    if (resource === 'namespaces') return [{ namespace: '', name }];
    const isOurs = resource === 'configmaps' && name === ROOT_CA;
    return isOurs && type === 'DELETED' ? [{ namespace: '', name: namespace }] : [];
  }

  async reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
    const namespace = cache.get('namespaces', '', key.name);
    if (namespace === undefined || isBeingDeleted(namespace)) return undefined;
    if (cache.get('configmaps', key.name, ROOT_CA) !== undefined) return undefined;
    try {
      await client.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: ROOT_CA, namespace: key.name },
        data: { 'ca.crt': this.#caCertificate },
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    return undefined;
  }
}
