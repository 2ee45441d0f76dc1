import { isAlreadyExists } from '../../sdk/api/errors.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ApiObject, ObjectKey } from '../../sdk/api/object.js';
import type { Controller, ControllerContext } from './controller.js';

const ROOT_CA = 'kube-root-ca.crt';
const SERVICE_ACCOUNT = 'default';

/** Puts into each namespace what every namespace of a real cluster has. */
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
    const isOurs =
      (resource === 'serviceaccounts' && name === SERVICE_ACCOUNT) ||
      (resource === 'configmaps' && name === ROOT_CA);
    return isOurs && type === 'DELETED' ? [{ namespace: '', name: namespace }] : [];
  }

  async reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
    const namespace = cache.get('namespaces', '', key.name);
    if (namespace === undefined || isBeingDeleted(namespace)) return undefined;
    const wanted: readonly [resource: string, object: ApiObject][] = [
      [
        'serviceaccounts',
        {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: SERVICE_ACCOUNT, namespace: key.name },
        },
      ],
      [
        'configmaps',
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: ROOT_CA, namespace: key.name },
          data: { 'ca.crt': this.#caCertificate },
        },
      ],
    ];
    for (const [resource, object] of wanted) {
      if (cache.get(resource, key.name, object.metadata.name) !== undefined) continue;
      try {
        await client.create(object);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    return undefined;
  }
}
