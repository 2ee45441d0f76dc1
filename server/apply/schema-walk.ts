import { isJsonObject, ownValue } from './json-object.js';
import { OBJECT_META_SCHEMA } from './object-meta-schema.js';

/** A JSON Schema (or OpenAPI v2/v3 schema) of a whole object, its `definitions` in the same root. */
export type JsonSchema = Record<string, unknown>;

export type ListType = 'atomic' | 'set' | 'map';

/** Defaults of list-map keys that schemas before Kubernetes 1.20 leave out. */
const WELL_KNOWN_KEY_DEFAULTS: ReadonlyMap<string, unknown> = new Map([['protocol', 'TCP']]);
const EMBEDDED_RESOURCE_FIELDS: readonly string[] = ['apiVersion', 'kind', 'metadata'];
const MAX_REF_DEPTH = 32;

/**
 * How one place of an object merges. Without a schema ("deduced") maps have an owner per key and
 * lists are owned as a whole. Immutable; children are resolved when first asked for and kept.
 */
export class SchemaNode {
  /** True when a map here has one owner for all of it. */
  readonly isAtomicMap: boolean;
  /** How a list here merges. */
  readonly listType: ListType;
  /** The keys that tell list items apart, sorted; empty unless `listType` is 'map'. */
  readonly listMapKeys: readonly string[];
  /** Strategic merge: 'merge', 'replace', 'retainKeys' as the schema says them. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  /** True when the schema itself says how a list here merges. */
  readonly saysListType: boolean;
  readonly #schema: JsonSchema;
  readonly #root: JsonSchema;
  readonly #isResource: boolean;
  readonly #fields = new Map<string, SchemaNode>();
  #elements: SchemaNode | undefined;
  #items: SchemaNode | undefined;

  constructor(schema: JsonSchema, root: JsonSchema, isResource: boolean) {
    this.#schema = schema;
    this.#root = root;
    this.#isResource = isResource || schema['x-kubernetes-embedded-resource'] === true;
    this.isAtomicMap = schema['x-kubernetes-map-type'] === 'atomic';
    const strategy = schema['x-kubernetes-patch-strategy'];
    this.patchStrategies = typeof strategy === 'string' ? strategy.split(',') : [];
    this.patchMergeKey = stringOf(schema['x-kubernetes-patch-merge-key']);
    const listType = schema['x-kubernetes-list-type'] ?? schema['x-list-type'];
    this.saysListType = typeof listType === 'string';
    const mergeKey = this.patchStrategies.includes('merge') ? this.patchMergeKey : undefined;
    if (listType === 'map') {
      const keys = schema['x-kubernetes-list-map-keys'] ?? schema['x-list-map-keys'];
      this.listMapKeys = (Array.isArray(keys) ? keys.map(String) : []).toSorted();
      this.listType = this.listMapKeys.length > 0 ? 'map' : 'atomic';
    } else if (listType === undefined && this.patchStrategies.includes('merge')) {
      // As Kubernetes reads a schema that only has the words of strategic merge.
      this.listType = mergeKey === undefined ? 'set' : 'map';
      this.listMapKeys = mergeKey === undefined ? [] : [mergeKey];
    } else {
      this.listType = listType === 'set' ? 'set' : 'atomic';
      this.listMapKeys = [];
    }
  }

  /** True where no schema says anything. */
  get isDeduced(): boolean {
    return this === DEDUCED_NODE;
  }

  /** True when the schema names this field, false for a key of a free-form map. */
  isNamedField(name: string): boolean {
    if (this.#isResource && EMBEDDED_RESOURCE_FIELDS.includes(name)) return true;
    const properties = this.#schema['properties'];
    return isJsonObject(properties) && Object.hasOwn(properties, name);
  }

  /** The node of a field or map key; deduced when the schema does not know it. */
  field(name: string): SchemaNode {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    if (!this.isNamedField(name)) {
      this.#elements ??= this.#child(this.#schema['additionalProperties']);
      return this.#elements;
    }
    const node = this.#resolveNamedField(name);
    this.#fields.set(name, node);
    return node;
  }

  /** The node of the items of a list here. */
  get items(): SchemaNode {
    this.#items ??= this.#child(this.#schema['items']);
    return this.#items;
  }

  /** What a list-map key of an item here stands for when the item leaves it out. */
  keyDefault(key: string): unknown {
    const properties = this.#schema['properties'];
    const property = isJsonObject(properties) ? ownValue(properties, key) : undefined;
    const given = isJsonObject(property) ? property['default'] : undefined;
    return given ?? WELL_KNOWN_KEY_DEFAULTS.get(key);
  }

  #resolveNamedField(name: string): SchemaNode {
    if (this.#isResource && name === 'metadata') return OBJECT_META_NODE;
    const properties = this.#schema['properties'];
    return this.#child(isJsonObject(properties) ? ownValue(properties, name) : undefined);
  }

  #child(schema: unknown): SchemaNode {
    return isJsonObject(schema)
      ? new SchemaNode(flatten(schema, this.#root, 0), this.#root, false)
      : DEDUCED_NODE;
  }
}

/** The node of everything below a place that no schema describes. */
const DEDUCED_NODE: SchemaNode = new SchemaNode({}, {}, false);

const OBJECT_META_NODE = new SchemaNode(OBJECT_META_SCHEMA, OBJECT_META_SCHEMA, false);
const NO_SCHEMA: JsonSchema = {};
const rootNodes = new WeakMap<JsonSchema, SchemaNode>();

/**
 * The node of a whole object (`apiVersion`, `kind`, `metadata`, ...). Kept per schema object, so a
 * schema must not change once it was used. `$ref` is followed within the schema only.
 */
export function schemaNodeOf(schema: JsonSchema | undefined): SchemaNode {
  const root = schema ?? NO_SCHEMA;
  let node = rootNodes.get(root);
  if (node === undefined) {
    node = new SchemaNode(flatten(root, root, 0), root, true);
    rootNodes.set(root, node);
  }
  return node;
}

/** Follows `$ref` and joins `allOf`, so that what is said beside them wins over what they say. */
function flatten(schema: JsonSchema, root: JsonSchema, depth: number): JsonSchema {
  const reference = schema['$ref'];
  const parts = schema['allOf'];
  if ((typeof reference !== 'string' && !Array.isArray(parts)) || depth > MAX_REF_DEPTH) {
    return schema;
  }
  const result: JsonSchema = {};
  const sources: unknown[] = [
    ...(typeof reference === 'string' ? [resolveReference(reference, root)] : []),
    ...(Array.isArray(parts) ? parts : []),
  ];
  for (const source of sources) {
    if (!isJsonObject(source)) continue;
    addAll(result, flatten(source, root, depth + 1));
  }
  addAll(result, schema);
  return result;
}

function addAll(target: JsonSchema, source: JsonSchema): void {
  const properties = target['properties'];
  Object.assign(target, source);
  if (isJsonObject(properties) && isJsonObject(source['properties'])) {
    target['properties'] = { ...properties, ...source['properties'] };
  }
}

function resolveReference(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let place: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    if (!isJsonObject(place)) return undefined;
    place = ownValue(place, token.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return place;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
