import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { apiVersionOf, parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry, KindVersions } from '../../sdk/api/registry.js';
import { convertObject } from '../conversion/convert-object.js';
import type { FieldCipher } from '../crypto/field-cipher.js';
import { applyDefaults } from '../schema/defaults.js';
import { mapValuesAt } from '../schema/field-path.js';
import { servedSchema } from '../schema/served-schema.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import type { StoredObject } from '../store/object-store.js';

/** kubectl keeps a copy of the whole object here, the sensitive fields included. */
const COPY_OF_OBJECT = [
  'metadata',
  'annotations',
  'kubectl.kubernetes.io/last-applied-configuration',
];

/**
 * Turns what the store holds into objects and back: each in the version that was asked for, stored
 * in the storage version. Sensitive fields exist in the clear only between the two. Without a cipher
 * they are stored as they are.
 */
export class ObjectCodec {
  readonly #registry: Pick<KindRegistry, 'findVersions'>;
  readonly #cipher: FieldCipher | undefined;

  constructor(registry: Pick<KindRegistry, 'findVersions'>, cipher?: FieldCipher) {
    this.#registry = registry;
    this.#cipher = cipher;
  }

  /** The object, decrypted, in the version of `kind`. A fresh copy on every call. */
  decode(kind: KindDefinition, stored: StoredObject): StoredApiObject {
    const object = JSON.parse(stored.json) as StoredApiObject;
    const versions = this.#versionsOf(kind);
    const written = versionOfObject(object, kind, versions);
    this.#decrypt(written, object);
    const converted = convertObject(object, written, kind, versions.all);
    const wasOther = object.apiVersion !== apiVersionOf(kind);
    if (wasOther) converted.apiVersion = apiVersionOf(kind);
    if (wasOther || kind.coercedOnRead === true) coerce(kind, converted);
    return converted;
  }

  /** The object as it is stored; `object` itself when it needs no change. */
  encode(kind: KindDefinition, object: ApiObject): ApiObject {
    const { storage, all } = this.#versionsOf(kind);
    return this.#encrypt(storage, convertObject(object, kind, storage, all));
  }

  /**
   * What is stored in an older version, as it is stored in the storage version, with every field that
   * it had; undefined when it is stored so.
   */
  upgraded(kind: KindDefinition, stored: StoredObject): ApiObject | undefined {
    const versions = this.#versionsOf(kind);
    if (isWrittenIn(versions.storage, stored)) return undefined;
    const object = JSON.parse(stored.json) as StoredApiObject;
    const written = versionOfObject(object, versions.storage, versions);
    this.#decrypt(written, object);
    const upgraded = convertObject(object, written, versions.storage, versions.all);
    upgraded.apiVersion = apiVersionOf(versions.storage);
    return this.#encrypt(versions.storage, upgraded);
  }

  #encrypt(storage: KindDefinition, converted: ApiObject): ApiObject {
    const cipher = this.#cipher;
    if (cipher === undefined || storage.sensitive.length === 0) return converted;
    const encoded = structuredClone(converted);
    forEachSensitive(storage, encoded, (value, context) =>
      cipher.encrypt(JSON.stringify(value), context),
    );
    return encoded;
  }

  /**
   * What the store holds with its text ready to send, decrypted and in the version of `kind`. Costs
   * nothing for most kinds.
   */
  readable(kind: KindDefinition, stored: StoredObject): StoredObject {
    const isPlain = this.#cipher === undefined || kind.sensitive.length === 0;
    if (isPlain && kind.coercedOnRead !== true && isWrittenIn(kind, stored)) return stored;
    return { ...stored, json: JSON.stringify(this.decode(kind, stored)) };
  }

  /** True when the store holds the object in another version than the storage version of today. */
  isOutdated(kind: KindDefinition, stored: StoredObject): boolean {
    return !isWrittenIn(this.#versionsOf(kind).storage, stored);
  }

  #decrypt(kind: KindDefinition, object: ApiObject): void {
    const cipher = this.#cipher;
    if (cipher === undefined) return;
    forEachSensitive(kind, object, (value, context) =>
      typeof value === 'string' ? JSON.parse(cipher.decrypt(value, context)) : value,
    );
  }

  /** The kind alone when it is registered no more: then there is nothing to convert. */
  #versionsOf(kind: KindDefinition): KindVersions {
    return this.#registry.findVersions(resourceName(kind)) ?? { storage: kind, all: [kind] };
  }
}

/** The version that the object was written in; `kind` when that is no longer known. */
function versionOfObject(
  object: ApiObject,
  kind: KindDefinition,
  { all }: KindVersions,
): KindDefinition {
  const { version } = parseApiVersion(object.apiVersion);
  if (version === kind.version) return kind;
  return all.find((one) => one.version === version) ?? kind;
}

/** Every text of an object begins with its `apiVersion`. */
function isWrittenIn(kind: KindDefinition, stored: StoredObject): boolean {
  return stored.json.startsWith(`{"apiVersion":"${apiVersionOf(kind)}"`);
}

function coerce(kind: KindDefinition, object: StoredApiObject): void {
  const { metadata } = object;
  pruneUnknownFields(object, servedSchema(kind));
  applyDefaults(object, servedSchema(kind));
  object.metadata = metadata;
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
