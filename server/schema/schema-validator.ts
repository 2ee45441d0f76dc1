import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { FieldError } from '../api-errors.js';
import { OBJECT_META } from './object-meta-schema.js';
import { translateSchemaErrors } from './schema-error.js';
import { servedSchema } from './served-schema.js';

/** More faults than this in one object are cut off: nobody reads them, everybody pays for them. */
const MAX_ERRORS = 50;

/** Checks objects against their kind's schema. Schemas are compiled when first needed and kept. */
export class SchemaValidator {
  readonly #ajv = createAjv();
  readonly #compiled = new WeakMap<KindDefinition, ValidateFunction>();
  #metadata: ValidateFunction | undefined;

  /**
   * Every fault of the object, with its path, in Kubernetes' words; empty when it is valid. Values
   * at the kind's sensitive paths are not part of any message. Does not change the object.
   *
   * @throws Error when the kind's schema itself cannot be compiled.
   */
  validate(kind: KindDefinition, object: unknown): readonly FieldError[] {
    const validate = this.#compile(kind);
    if (validate(object)) return [];
    const errors: readonly ErrorObject[] = validate.errors ?? [];
    return translateSchemaErrors(errors, kind.sensitive).slice(0, MAX_ERRORS);
  }

  /** The same for `metadata` alone, whatever the kind: after it the fields have their types. */
  validateMetadata(metadata: unknown): readonly FieldError[] {
    this.#metadata ??= this.#ajv.compile({ properties: { metadata: OBJECT_META } });
    if (this.#metadata({ metadata })) return [];
    return translateSchemaErrors(this.#metadata.errors ?? [], []).slice(0, MAX_ERRORS);
  }

  #compile(kind: KindDefinition): ValidateFunction {
    let validate = this.#compiled.get(kind);
    if (validate === undefined) {
      try {
        validate = this.#ajv.compile(servedSchema(kind));
      } catch (error) {
        throw new Error(`cannot compile the schema of ${kind.kind} (${kind.group})`, {
          cause: error,
        });
      }
      this.#compiled.set(kind, validate);
    }
    return validate;
  }
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
  });
  formats.default(ajv);
  ajv.addFormat('quantity', true);
  ajv.addFormat('int-or-string', true);
  ajv.addKeyword({
    keyword: 'x-kubernetes-int-or-string',
    macro: (enabled: boolean) => (enabled ? { type: ['integer', 'string'] } : {}),
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-embedded-resource',
    macro: (enabled: boolean) =>
      enabled ? { type: 'object', required: ['apiVersion', 'kind'] } : {},
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-map-keys',
    type: 'array',
    schemaType: 'array',
    validate: hasUniqueKeys,
  });
  return ajv;
}

/** Ajv's convention: the faults of a keyword are left on its function. */
const hasUniqueKeys: {
  (keys: string[], items: unknown[]): boolean;
  errors?: Partial<ErrorObject>[];
} = (keys, items) => {
  const seen = new Set<string>();
  const errors: Partial<ErrorObject>[] = [];
  items.forEach((item, index) => {
    const fields = (item ?? {}) as Record<string, unknown>;
    const key = Object.fromEntries(keys.map((name) => [name, fields[name]]));
    const text = JSON.stringify(key);
    if (seen.has(text)) {
      errors.push({
        keyword: 'x-kubernetes-list-map-keys',
        params: { index, key },
        message: 'duplicate',
      });
    }
    seen.add(text);
  });
  hasUniqueKeys.errors = errors;
  return errors.length === 0;
};
