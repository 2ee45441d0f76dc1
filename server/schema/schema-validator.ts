import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { parseDuration } from './cel/index.js';
import { OBJECT_META } from './object-meta-schema.js';
import { translateSchemaErrors } from './schema-error.js';
import { servedSchema } from './served-schema.js';

/** How long one part of compiling may take, about. */
const SLICE_MS = 5;
/** More faults than this in one object are cut off: nobody reads them, everybody pays for them. */
const MAX_ERRORS = 50;

/**
 * Checks objects against their kind's schema. Schemas are compiled when first needed and kept; kinds
 * whose schemas have one and the same `definitions` object share what is compiled of it.
 */
export class SchemaValidator {
  readonly #ajv = createAjv();
  readonly #documents = new WeakMap<object, string>();
  #documentCount = 0;
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

  /**
   * Compiles the kind's schema if that was not done yet, part by part, so that a large one does not
   * hold up everything else. `validate` does the same at once.
   *
   * @throws Error when the schema cannot be compiled.
   */
  async prepare(kind: KindDefinition): Promise<void> {
    if (this.#compiled.has(kind)) return;
    let sinceMs = performance.now();
    for (const reference of this.#referencesOf(kind)) {
      this.#ajv.getSchema(reference);
      if (performance.now() - sinceMs < SLICE_MS) continue;
      await new Promise(setImmediate);
      sinceMs = performance.now();
    }
    this.#compile(kind);
  }

  #compile(kind: KindDefinition): ValidateFunction {
    let validate = this.#compiled.get(kind);
    if (validate === undefined) {
      try {
        validate = this.#ajv.compile(this.#withSharedDefinitions(servedSchema(kind)));
      } catch (error) {
        throw new Error(`cannot compile the schema of ${kind.kind} (${kind.group})`, {
          cause: error,
        });
      }
      this.#compiled.set(kind, validate);
    }
    return validate;
  }

  /** The shared definitions that the kind needs, each after those that it needs itself. */
  #referencesOf(kind: KindDefinition): string[] {
    const { definitions, ...own } = servedSchema(kind);
    if (!isJsonObject(definitions)) return [];
    const id = this.#documentOf(definitions);
    return namesNeeded(own, definitions).map((name) => `${id}${DEFINITIONS}${name}`);
  }

  #withSharedDefinitions(schema: JsonSchema): JsonSchema {
    const { definitions, ...own } = schema;
    if (!isJsonObject(definitions)) return schema;
    return referTo(this.#documentOf(definitions), own) as JsonSchema;
  }

  /** The id under which ajv knows these definitions. */
  #documentOf(definitions: JsonSchema): string {
    let id = this.#documents.get(definitions);
    if (id === undefined) {
      id = `definitions-${++this.#documentCount}`;
      this.#ajv.addSchema({ $id: id, definitions });
      this.#documents.set(definitions, id);
    }
    return id;
  }
}

const DEFINITIONS = '#/definitions/';

/** The definitions that a schema reaches, each after those that it reaches itself. */
function namesNeeded(schema: unknown, definitions: JsonSchema): string[] {
  const names = new Set<string>();
  const begun = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [keyword, value] of Object.entries(node)) {
      if (keyword !== '$ref' || typeof value !== 'string') visit(value);
      else if (value.startsWith(DEFINITIONS)) enter(value.slice(DEFINITIONS.length));
    }
  };
  const enter = (name: string): void => {
    if (begun.has(name)) return;
    begun.add(name);
    visit(definitions[name]);
    names.add(name);
  };
  visit(schema);
  return [...names];
}

/** A copy in which references to `definitions` lead to the document of this id. */
function referTo(documentId: string, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => referTo(documentId, item));
  if (!isJsonObject(node)) return node;
  const entries = Object.entries(node).map(([keyword, value]) => {
    if (keyword === 'default' || keyword === 'enum' || keyword === 'const') return [keyword, value];
    const isReference =
      keyword === '$ref' && typeof value === 'string' && value.startsWith(DEFINITIONS);
    return [keyword, isReference ? `${documentId}${value}` : referTo(documentId, value)];
  });
  return Object.fromEntries(entries);
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
  // Ajv's own is that of ISO 8601; Kubernetes means Go's, such as `1h30m`.
  ajv.addFormat('duration', (text: string) => parseDuration(text) !== undefined);
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
