import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { KindRegistry, KindVersions } from '../../sdk/api/registry.js';
import type { AdmissionHook } from '../resource/admission.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { convertObject, UNCONVERTED_ANNOTATION, withStatusKeptOf } from './convert-object.js';

/**
 * What an object brings along of another version (see convertObject) was written by whoever wrote the
 * object: it is checked by the schema of the version in which it will be stored, and says nothing of
 * the status, which is written apart.
 */
export function createConversionAdmission(options: {
  readonly registry: Pick<KindRegistry, 'findVersions'>;
  readonly validator: Pick<SchemaValidator, 'validate'>;
}): AdmissionHook {
  /** The versions of the kind when the object will be stored in another one. */
  const versionsOf = (kind: KindDefinition): KindVersions | undefined => {
    const versions = options.registry.findVersions(resourceName(kind));
    return versions?.storage.version === kind.version ? undefined : versions;
  };
  return {
    mutate({ kind, object, old, subresource }) {
      if (!kind.status || subresource !== '' || !(bringsAlong(object) || bringsAlong(old))) return;
      if (versionsOf(kind) !== undefined) object.metadata = withStatusKeptOf(object, old);
    },

    validate({ kind, object }) {
      if (!bringsAlong(object)) return undefined;
      const versions = versionsOf(kind);
      if (versions === undefined) return undefined;
      const stored = convertObject(object, kind, versions.storage, versions.all);
      return options.validator.validate(versions.storage, stored);
    },
  };
}

function bringsAlong(object: ApiObject | undefined): boolean {
  return object?.metadata.annotations?.[UNCONVERTED_ANNOTATION] !== undefined;
}
