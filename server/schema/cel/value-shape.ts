import type { JsonSchema } from '../../../sdk/api/kind.js';
import type { JsonObject } from '../../apply/json-object.js';
import { isJsonObject, ownValue } from '../../apply/json-object.js';
import { propertiesOf } from '../served-schema.js';
import { CelError } from './cel-error.js';
import { escapeFieldName } from './field-names.js';
import { parseDate, parseDuration, parseTimestamp } from './time-values.js';
import type { CelValue, ListMerge } from './values.js';
import { CelList, CelMap, int64 } from './values.js';

/** What a schema node means to rules: its type, and how its JSON becomes a value. */
export interface ValueShape {
  /** In the notation of the type checker: `int`, `list<string>`, `Object3`. */
  readonly type: string;
  read(json: unknown): CelValue;
}

interface Field {
  /** In the object; rules may have to spell it differently. */
  readonly name: string;
  readonly shape: () => ValueShape | undefined;
}

export interface ObjectShape extends ValueShape {
  /** The types of the fields that rules name, by the names that they use. */
  readonly fieldTypes: Readonly<Record<string, string>>;
}

const OBJECT_META: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};
/** What rules may read of every object, and of embedded ones. */
const RESOURCE_FIELDS: Readonly<Record<string, JsonSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: OBJECT_META,
};

/**
 * The shapes of one schema's nodes. Fields whose names occur in no rule get theirs when they are
 * needed, to compare objects with `==`: a large schema with few rules stays cheap.
 */
export class ShapeBuilder {
  /** Every object shape made so far, each after those that it uses. */
  readonly objects: ObjectShape[] = [];
  readonly #names: ReadonlySet<string>;
  readonly #known = new Map<JsonSchema, ValueShape | undefined>();

  /** `names`: the names that occur in the rules. */
  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  /**
   * The shape of the root, where `metadata` has `name` and `generateName` alone, as in Kubernetes.
   */
  ofRoot(schema: JsonSchema): ValueShape | undefined {
    return this.of({ ...schema, 'x-kubernetes-embedded-resource': true });
  }

  /** Undefined for nodes whose type no schema says: rules cannot reach them. */
  of(schema: JsonSchema): ValueShape | undefined {
    if (this.#known.has(schema)) return this.#known.get(schema);
    const shape = this.#make(schema);
    this.#known.set(schema, shape);
    return shape;
  }

  #make(schema: JsonSchema): ValueShape | undefined {
    if (schema['x-kubernetes-int-or-string'] === true) {
      return {
        type: 'dyn',
        read: (json) => (typeof json === 'number' ? readInt(json) : text(json)),
      };
    }
    const shape = this.#makeTyped(schema);
    if (shape === undefined || schema['nullable'] !== true) return shape;
    return { type: 'dyn', read: (json) => (json === null ? null : shape.read(json)) };
  }

  #makeTyped(schema: JsonSchema): ValueShape | undefined {
    switch (schema['type']) {
      case 'boolean':
        return { type: 'bool', read: (json) => json === true };
      case 'integer':
        return { type: 'int', read: readInt };
      case 'number':
        return { type: 'double', read: Number };
      case 'string':
        return stringShape(schema['format']);
      case 'array':
        return this.#makeList(schema);
      case 'object':
        return this.#makeObject(schema);
      default:
        return undefined;
    }
  }

  #makeList(schema: JsonSchema): ValueShape | undefined {
    const items = isJsonObject(schema['items']) ? this.of(schema['items']) : undefined;
    if (items === undefined) return undefined;
    const merge = listMerge(schema);
    const read = (json: unknown): CelValue => items.read(json);
    return {
      type: `list<${items.type}>`,
      read: (json) => new CelList(Array.isArray(json) ? json : [], read, merge),
    };
  }

  #makeObject(schema: JsonSchema): ValueShape | undefined {
    const additional = schema['additionalProperties'];
    if (isJsonObject(additional)) {
      const values = this.of(additional);
      if (values === undefined) return undefined;
      return {
        type: `map<string, ${values.type}>`,
        read: (json) => new JsonMap(isJsonObject(json) ? json : {}, values),
      };
    }
    const isResource = schema['x-kubernetes-embedded-resource'] === true;
    const properties = { ...propertiesOf(schema), ...(isResource && RESOURCE_FIELDS) };
    const fields = new Map<string, Field>();
    const fieldTypes: Record<string, string> = {};
    for (const [name, property] of Object.entries(properties)) {
      const key = escapeFieldName(name);
      fields.set(key ?? name, { name, shape: () => this.of(property) });
      const shape = key !== undefined && this.#names.has(key) ? this.of(property) : undefined;
      if (key !== undefined && shape !== undefined) fieldTypes[key] = shape.type;
    }
    const keysByName = new Map([...fields].map(([key, { name }]) => [name, key]));
    const shape: ObjectShape = {
      type: `Object${this.objects.length + 1}`,
      fieldTypes,
      read: (json) => new JsonFields(isJsonObject(json) ? json : {}, fields, keysByName),
    };
    this.objects.push(shape);
    return shape;
  }
}

function stringShape(format: unknown): ValueShape {
  switch (format) {
    case 'byte':
      return { type: 'bytes', read: (json) => Buffer.from(text(json), 'base64') };
    case 'date':
      return timeShape('google.protobuf.Timestamp', parseDate);
    case 'date-time':
      return timeShape('google.protobuf.Timestamp', parseTimestamp);
    case 'duration':
      return timeShape('google.protobuf.Duration', parseDuration);
    default:
      return { type: 'string', read: text };
  }
}

function timeShape(type: string, parse: (text: string) => CelValue | undefined): ValueShape {
  return {
    type,
    read: (json) => {
      const value = parse(text(json));
      if (value === undefined) throw new CelError('Invalid date, time or duration', text(json));
      return value;
    },
  };
}

function listMerge(schema: JsonSchema): ListMerge | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'];
  const names = Array.isArray(keys) ? keys.map(String) : [];
  return { type, keys: names.map((name) => escapeFieldName(name) ?? name) };
}

function readInt(json: unknown): CelValue {
  if (typeof json !== 'number' || !Number.isInteger(json)) throw new CelError('integer overflow');
  return int64(BigInt(json));
}

function text(json: unknown): string {
  return typeof json === 'string' ? json : String(json);
}

class JsonMap extends CelMap {
  readonly #json: JsonObject;
  readonly #values: ValueShape;

  constructor(json: JsonObject, values: ValueShape) {
    super();
    this.#json = json;
    this.#values = values;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue): CelValue | undefined {
    const value = typeof key === 'string' ? ownValue(this.#json, key) : undefined;
    return value === undefined ? undefined : this.#values.read(value);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json);
  }
}

/** Fields that no schema names are there to be compared; rules cannot name them. */
class JsonFields extends CelMap {
  readonly #json: JsonObject;
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #keysByName: ReadonlyMap<string, string>;

  constructor(
    json: JsonObject,
    fields: ReadonlyMap<string, Field>,
    keysByName: ReadonlyMap<string, string>,
  ) {
    super();
    this.#json = json;
    this.#fields = fields;
    this.#keysByName = keysByName;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const field = this.#fields.get(key);
    const value = ownValue(this.#json, field?.name ?? key);
    return value === undefined ? undefined : (field?.shape() ?? UNTYPED).read(value);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#json).map((name) => this.#keysByName.get(name) ?? name);
  }
}

const UNTYPED: ValueShape = { type: 'dyn', read: readUntyped };

function readUntyped(json: unknown): CelValue {
  if (Array.isArray(json)) return new CelList(json, readUntyped);
  if (isJsonObject(json)) return new JsonMap(json, UNTYPED);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  return typeof json === 'boolean' || json === null ? json : text(json);
}
