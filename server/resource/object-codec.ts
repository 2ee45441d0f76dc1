import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { FieldCipher } from '../crypto/field-cipher.js';
import { mapValuesAt } from '../schema/field-path.js';
import type { StoredObject } from '../store/object-store.js';

/** kubectl keeps a copy of the whole object here, the sensitive fields included. */
const COPY_OF_OBJECT = [
  'metadata',
  'annotations',
  'kubectl.kubernetes.io/last-applied-configuration',
];

/**
 * Turns what the store holds into objects and back. Sensitive fields exist in the clear only
 * between the two. Without a cipher they are stored as they are.
 */
export class ObjectCodec {
  readonly #cipher: FieldCipher | undefined;

  constructor(cipher?: FieldCipher) {
    this.#cipher = cipher;
  }

  /** The object, decrypted. A fresh copy on every call. */
  decode(kind: KindDefinition, stored: StoredObject): StoredApiObject {
    const object = JSON.parse(stored.json) as StoredApiObject;
    const cipher = this.#cipher;
    if (cipher !== undefined) {
      forEachSensitive(kind, object, (value, context) =>
        typeof value === 'string' ? JSON.parse(cipher.decrypt(value, context)) : value,
      );
    }
    return object;
  }

  /** The object as it is stored; `object` itself when nothing of it is sensitive. */
  encode(kind: KindDefinition, object: ApiObject): ApiObject {
    const cipher = this.#cipher;
    if (cipher === undefined || kind.sensitive.length === 0) return object;
    const encoded = structuredClone(object);
    forEachSensitive(kind, encoded, (value, context) =>
      cipher.encrypt(JSON.stringify(value), context),
    );
    return encoded;
  }

  /** What the store holds with its text ready to send, decrypted. Costs nothing for most kinds. */
  readable(kind: KindDefinition, stored: StoredObject): StoredObject {
    if (this.#cipher === undefined || kind.sensitive.length === 0) return stored;
    return { ...stored, json: JSON.stringify(this.decode(kind, stored)) };
  }
}

function forEachSensitive(
  kind: KindDefinition,
  object: ApiObject,
  replace: (value: unknown, context: string) => unknown,
): void {
  if (kind.sensitive.length === 0) return;
  const { namespace = '', name } = object.metadata;
  const visit = (value: unknown, field: string): unknown =>
    replace(value, `${resourceName(kind)}/${namespace}/${name}/${field}`);
  for (const path of kind.sensitive) mapValuesAt(object, path.split('.'), visit);
  mapValuesAt(object, COPY_OF_OBJECT, visit);
}
