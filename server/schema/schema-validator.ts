import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { canonicalJson } from '../apply/canonical-json.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { ajvSchemaOf, DEFINITIONS, LARGE_ENUM, OBJECT_META_DOCUMENT } from './ajv-schema.js';
import { addKubernetesFormats } from './kubernetes-formats.js';
import { compilePattern } from './linear-pattern.js';
import { OBJECT_META } from './object-meta-schema.js';
import { translateSchemaErrors } from './schema-error.js';
import { UnchangedParts } from './unchanged-parts.js';
import { servedSchema } from './served-schema.js';
import { TimeSlice } from '../turns.js';

/** So many schemas of single values are kept: defaults of the same sort come again and again. */
const MAX_VALUE_SCHEMAS = 500;

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
  /** By the text of the schema. */
  readonly #values = new Map<string, ValidateFunction>();

  /**
   * Every fault of the object, with its path, in Kubernetes' words; empty when it is valid. Values
   * at the kind's sensitive paths are not part of any message. Does not change the object. `old`: what
   * an update changes, of which only the change is judged.
   *
   * @throws Error when the kind's schema itself cannot be compiled.
   */
  validate(kind: KindDefinition, object: unknown, old?: unknown): readonly FieldError[] {
    const validate = this.#compile(kind);
    if (validate(object)) return [];
    const errors: readonly ErrorObject[] = validate.errors ?? [];
    if (old === undefined) return translateSchemaErrors(errors, kind.sensitive);
    const unchanged = new UnchangedParts(object, old, servedSchema(kind));
    return translateSchemaErrors(errors, kind.sensitive, { unchanged });
  }

  /** The same for `metadata` alone, whatever the kind: after it the fields have their types. */
  validateMetadata(metadata: unknown): readonly FieldError[] {
    this.#metadata ??= this.#compileSchema({ properties: { metadata: OBJECT_META } });
    if (this.#metadata({ metadata })) return [];
    return translateSchemaErrors(this.#metadata.errors ?? [], []);
  }

  /** Every fault of a value by a schema of its own, the paths below `field`. */
  validateValue(schema: JsonSchema, value: unknown, field: string): readonly FieldError[] {
    const validate = this.#compileValueSchema(schema);
    if (validate(value)) return [];
    return translateSchemaErrors(validate.errors ?? [], [], { root: field });
  }

  /**
   * Compiles the kind's schema if that was not done yet, part by part, so that a large one does not
   * hold up everything else. `validate` does the same at once.
   *
   * @throws Error when the schema cannot be compiled.
   */
  async prepare(kind: KindDefinition): Promise<void> {
    if (this.#compiled.has(kind)) return;
    const slice = new TimeSlice();
    for (const reference of this.#referencesOf(kind)) {
      this.#ajv.getSchema(reference);
      await slice.breathe();
    }
    this.#compile(kind);
  }

  #compile(kind: KindDefinition): ValidateFunction {
    let validate = this.#compiled.get(kind);
    if (validate === undefined) {
      try {
        validate = this.#compileSchema(servedSchema(kind));
      } catch (error) {
        throw new Error(`cannot compile the schema of ${kind.kind} (${kind.group})`, {
          cause: error,
        });
      }
      this.#compiled.set(kind, validate);
    }
    return validate;
  }

  #compileValueSchema(schema: JsonSchema): ValidateFunction {
    const key = JSON.stringify(ajvSchemaOf(schema));
    const validate = this.#values.get(key) ?? this.#compileSchema(schema);
    // The one used longest ago is the first to go.
    this.#values.delete(key);
    this.#values.set(key, validate);
    const [oldest] = this.#values.keys();
    if (this.#values.size > MAX_VALUE_SCHEMAS && oldest !== undefined) this.#values.delete(oldest);
    return validate;
  }

  #compileSchema(schema: JsonSchema): ValidateFunction {
    const { definitions, ...own } = schema;
    const shared = isJsonObject(definitions) ? this.#documentOf(definitions) : '';
    const translated = ajvSchemaOf(own, shared);
    const validate = this.#ajv.compile(translated);
    // Who compiled it keeps it: kinds come and go, and ajv would hold on to each of them.
    this.#ajv.removeSchema(translated);
    return validate;
  }

  /** The shared definitions that the kind needs, each after those that it needs itself. */
  #referencesOf(kind: KindDefinition): string[] {
    const { definitions, ...own } = servedSchema(kind);
    if (!isJsonObject(definitions)) return [];
    const id = this.#documentOf(definitions);
    return namesNeeded(own, definitions).map((name) => `${id}${DEFINITIONS}${name}`);
  }

  /** The id under which ajv knows these definitions. */
  #documentOf(definitions: JsonSchema): string {
    let id = this.#documents.get(definitions);
    if (id === undefined) {
      id = `definitions-${++this.#documentCount}`;
      this.#ajv.addSchema({ $id: id, ...ajvSchemaOf({ definitions }, id) });
      this.#documents.set(definitions, id);
    }
    return id;
  }
}

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

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    // Else a field named as something that every object inherits, `constructor`, is always there.
    ownProperties: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    // What is referred to is compiled by itself, unless that would be longer than the call.
    inlineRefs: 4,
    logger: false,
    // Compiling costs a kind more than it ever saves: of thousands most have few objects.
    code: { regExp: linearRegExp, optimize: false },
  });
  addKubernetesFormats(ajv);
  ajv.addSchema(OBJECT_META_DOCUMENT);
  ajv.addKeyword({ keyword: LARGE_ENUM, schemaType: 'array', compile: isOneOf });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-map-keys',
    type: 'array',
    schemaType: 'array',
    validate: hasUniqueKeys,
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-type',
    type: 'array',
    schemaType: 'string',
    validate: hasUniqueItems,
  });
  return ajv;
}

/** Patterns come from users: none may cost more than its text. */
const linearRegExp = Object.assign(compilePattern.bind(undefined), { code: 'new RegExp' });

function isOneOf(values: unknown[]): (value: unknown) => boolean {
  const known = new Set(values.map(canonicalJson));
  return (value) => known.has(canonicalJson(value));
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

/** Of a list that is a set; others are not checked. */
const hasUniqueItems: {
  (listType: string, items: unknown[]): boolean;
  errors?: Partial<ErrorObject>[];
} = (listType, items) => {
  const seen = new Set<string>();
  const errors: Partial<ErrorObject>[] = [];
  items.forEach((item, index) => {
    const text = canonicalJson(item);
    if (listType === 'set' && seen.has(text)) {
      errors.push({
        keyword: 'x-kubernetes-list-type',
        params: { index, item },
        message: 'duplicate',
      });
    }
    seen.add(text);
  });
  hasUniqueItems.errors = errors;
  return errors.length === 0;
};
