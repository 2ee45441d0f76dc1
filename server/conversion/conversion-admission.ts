import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { AdmissionHook } from '../resource/admission.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { convertObject, UNCONVERTED_ANNOTATION } from './convert-object.js';

/**
 * What an object brings along of another version (see convertObject) was written by whoever wrote the
 * object: it is checked by the schema of the version in which it will be stored.
 */
export function createConversionAdmission(options: {
  readonly registry: Pick<KindRegistry, 'findVersions'>;
  readonly validator: Pick<SchemaValidator, 'validate'>;
}): AdmissionHook {
  return {
    validate({ kind, object }) {
      if (object.metadata.annotations?.[UNCONVERTED_ANNOTATION] === undefined) return undefined;
      const versions = options.registry.findVersions(resourceName(kind));
      if (versions === undefined || versions.storage.version === kind.version) return undefined;
      const stored = convertObject(object, kind, versions.storage, versions.all);
      return options.validator.validate(versions.storage, stored);
    },
  };
}
