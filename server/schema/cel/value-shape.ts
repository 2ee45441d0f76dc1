import type { JsonSchema } from '../../../sdk/api/kind.js';
import { isJsonObject } from '../../apply/json-object.js';
import { propertiesOf } from '../served-schema.js';
import { CelError } from './cel-error.js';
import { escapeFieldName } from './field-names.js';
import type { JsonField, ReadJson } from './json-values.js';
import { JsonFields, JsonMap } from './json-values.js';
import * as limits from './request-limits.js';
import type { SizeBound } from './size-bound.js';
import { STEPS_PER_TIME } from './cost-meter.js';
import { SCALAR, textBound } from './size-bound.js';
import { parseDate, parseDuration, parseTimestamp } from './time-values.js';
import type { CelType } from './types.js';
import * as types from './types.js';
import type { CelValue, ListMerge } from './values.js';
import { CelList, int64 } from './values.js';

/**
 * What a schema node means to rules: its type, how its JSON becomes a value, and how large it can
 * be (Kubernetes' SchemaDeclType).
 */
export interface ValueShape {
  readonly type: CelType;
  readonly read: ReadJson;
  readonly bound: SizeBound;
  /** As JSON, at least: so many of them fit into a request. */
  readonly minBytes: number;
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
 * The shapes of one schema's nodes. Those of an object's fields are made when they are needed: a
 * large schema with few rules stays cheap.
 */
export class ShapeBuilder {
  readonly #known = new Map<JsonSchema, ValueShape | undefined>();

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
    if (schema['x-kubernetes-int-or-string'] === true) return INT_OR_STRING;
    const shape = this.#makeTyped(schema);
    if (shape === undefined || schema['nullable'] !== true) return shape;
    const read: ReadJson = (json, meter) => (json === null ? null : shape.read(json, meter));
    return { ...shape, type: types.orNull(shape.type), read };
  }

  #makeTyped(schema: JsonSchema): ValueShape | undefined {
    switch (schema['type']) {
      case 'boolean':
        return { ...scalar(types.BOOL, (json) => json === true), minBytes: limits.MIN_BOOL_BYTES };
      case 'integer':
        return scalar(types.INT, readInt);
      case 'number':
        return scalar(types.DOUBLE, Number);
      case 'string':
        return stringShape(schema);
      case 'array':
        return this.#makeList(schema);
      case 'object':
        return isJsonObject(schema['additionalProperties'])
          ? this.#makeMap(schema, schema['additionalProperties'])
          : this.#makeObject(schema);
      default:
        return undefined;
    }
  }

  #makeList(schema: JsonSchema): ValueShape | undefined {
    const items = isJsonObject(schema['items']) ? this.of(schema['items']) : undefined;
    if (items === undefined) return undefined;
    const merge = listMerge(schema);
    const max = limitOf(schema, 'maxItems') ?? limits.itemsPerRequest(items.minBytes);
    return {
      type: types.listOf(items.type),
      read: (json) => new CelList(Array.isArray(json) ? json : [], items.read, merge),
      bound: { max, items: items.bound },
      minBytes: limits.MIN_COLLECTION_BYTES,
    };
  }

  #makeMap(schema: JsonSchema, additional: JsonSchema): ValueShape | undefined {
    const values = this.of(additional);
    if (values === undefined) return undefined;
    const max = limitOf(schema, 'maxProperties') ?? limits.entriesPerRequest(values.minBytes);
    return {
      type: types.mapOf(types.STRING, values.type),
      read: (json) => new JsonMap(isJsonObject(json) ? json : {}, values.read),
      // Kubernetes counts the keys of a map as short.
      bound: { max, items: values.bound, keys: SCALAR },
      minBytes: limits.MIN_COLLECTION_BYTES,
    };
  }

  #makeObject(schema: JsonSchema): ValueShape {
    const isResource = schema['x-kubernetes-embedded-resource'] === true;
    const properties = { ...propertiesOf(schema), ...(isResource && RESOURCE_FIELDS) };
    const fields = new Map<string, JsonField>();
    const reachable = new Map<string, JsonSchema>();
    for (const [name, property] of Object.entries(properties)) {
      const key = escapeFieldName(name);
      fields.set(key ?? name, { name, read: () => this.of(property)?.read });
      if (key !== undefined) reachable.set(key, property);
    }
    const keysByName = new Map([...fields].map(([key, { name }]) => [name, key]));
    const shapeOf = (name: string): ValueShape | undefined => {
      const property = reachable.get(name);
      return property === undefined ? undefined : this.of(property);
    };
    return {
      type: new types.ObjectType((name) => shapeOf(name)?.type),
      read: (json) => new JsonFields(isJsonObject(json) ? json : {}, fields, keysByName),
      bound: { max: 0, field: (name) => shapeOf(name)?.bound },
      minBytes: this.#minObjectBytes(schema),
    };
  }

  /** Every required field is there, but for those that the server fills in. */
  #minObjectBytes(schema: JsonSchema): number {
    const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
    const properties = propertiesOf(schema);
    let bytes = limits.MIN_COLLECTION_BYTES;
    for (const name of required) {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property === undefined || property['default'] !== undefined) continue;
      bytes += limits.fieldBytes(name, this.of(property)?.minBytes ?? 0);
    }
    return bytes;
  }
}

function scalar(type: CelType, read: ReadJson): ValueShape {
  return { type, read, bound: SCALAR, minBytes: limits.MIN_NUMBER_BYTES };
}

const INT_OR_STRING: ValueShape = {
  type: types.DYN,
  read: (json) => (typeof json === 'number' ? readInt(json) : text(json)),
  bound: textBound(limits.MAX_TEXT_BYTES),
  minBytes: limits.MIN_NUMBER_BYTES,
};

function stringShape(schema: JsonSchema): ValueShape {
  const maxLength = limitOf(schema, 'maxLength');
  switch (schema['format']) {
    case 'byte':
      return {
        type: types.BYTES,
        read: (json, meter) => {
          const encoded = text(json);
          meter.spend(10 + (encoded.length >>> 3));
          return Buffer.from(encoded, 'base64');
        },
        bound: textBound(maxLength ?? limits.MAX_TEXT_BYTES),
        minBytes: limits.MIN_TEXT_BYTES,
      };
    case 'date':
      return timeShape(types.TIMESTAMP, parseDate);
    case 'date-time':
      return timeShape(types.TIMESTAMP, parseTimestamp);
    case 'duration':
      return timeShape(types.DURATION, parseDuration);
    default:
      return {
        type: types.STRING,
        read: text,
        bound: textBound(
          maxLength === undefined
            ? (longestOf(schema['enum']) ?? limits.MAX_TEXT_BYTES)
            : maxLength * limits.MAX_BYTES_PER_CHARACTER,
        ),
        minBytes: limits.MIN_TEXT_BYTES,
      };
  }
}

function timeShape(type: CelType, parse: (text: string) => CelValue | undefined): ValueShape {
  const read: ReadJson = (json, meter) => {
    meter.spend(STEPS_PER_TIME);
    const value = parse(text(json));
    if (value === undefined) throw new CelError('Invalid date, time or duration', text(json));
    return value;
  };
  return { type, read, bound: SCALAR, minBytes: limits.MIN_TEXT_BYTES };
}

function longestOf(values: unknown): number | undefined {
  if (!Array.isArray(values) || values.length === 0) return undefined;
  return values.reduce((most: number, value) => Math.max(most, text(value).length), 0);
}

function limitOf(schema: JsonSchema, keyword: string): number | undefined {
  const limit = schema[keyword];
  return typeof limit === 'number' ? Math.max(limit, 0) : undefined;
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
