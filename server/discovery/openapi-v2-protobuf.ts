import type { JsonSchema } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** A Swagger document, as far as it is one: what OpenAPI v2's `definitions` stand in. */
export interface SwaggerDocument {
  readonly swagger: string;
  readonly info: { readonly title: string; readonly version: string };
  /** Each as `protobufDefinition` has it. */
  readonly definitions: readonly Buffer[];
}

/**
 * The document as the protobuf message `openapi.v2.Document`, the only form of it that Go clients ask
 * for. Field numbers are those of OpenAPIv2.proto. Says what the schemas say, no paths.
 */
export function swaggerProtobuf({ swagger, info, definitions }: SwaggerDocument): Buffer {
  return new ProtobufWriter()
    .text(1, swagger)
    .bytes(2, new ProtobufWriter().text(1, info.title).text(2, info.version).finish())
    .bytes(8, Buffer.alloc(0))
    .bytes(9, Buffer.concat(definitions))
    .finish();
}

/** A schema with its name, as an entry of `Definitions`. */
export function protobufDefinition(name: string, schema: JsonSchema): Buffer {
  return namedSchemas({ [name]: schema });
}

/** `Definitions` and `Properties` look alike: each name with its schema. */
function namedSchemas(schemas: Readonly<Record<string, unknown>>): Buffer {
  const writer = new ProtobufWriter();
  for (const [name, node] of Object.entries(schemas)) {
    writer.bytes(1, new ProtobufWriter().text(1, name).bytes(2, schema(node)).finish());
  }
  return writer.finish();
}

function schema(node: unknown): Buffer {
  if (!isJsonObject(node)) return Buffer.alloc(0);
  const { items, properties, allOf } = node;
  const writer = new ProtobufWriter()
    .text(1, node['$ref'])
    .text(2, node['format'])
    .text(3, node['title'])
    .text(4, node['description'])
    .bytes(5, node['default'] === undefined ? undefined : anyValue(node['default']))
    .double(6, node['multipleOf'])
    .double(7, node['maximum'])
    .bool(8, node['exclusiveMaximum'])
    .double(9, node['minimum'])
    .bool(10, node['exclusiveMinimum'])
    .int(11, node['maxLength'])
    .int(12, node['minLength'])
    .text(13, node['pattern'])
    .int(14, node['maxItems'])
    .int(15, node['minItems'])
    .bool(16, node['uniqueItems'])
    .int(17, node['maxProperties'])
    .int(18, node['minProperties'])
    .texts(19, node['required']);
  for (const value of asList(node['enum'])) writer.bytes(20, anyValue(value));
  writer
    .bytes(21, additionalProperties(node['additionalProperties']))
    .bytes(22, typeItem(node['type']))
    .bytes(
      23,
      items === undefined ? undefined : new ProtobufWriter().bytes(1, schema(items)).finish(),
    );
  for (const part of asList(allOf)) writer.bytes(24, schema(part));
  if (isJsonObject(properties)) writer.bytes(25, namedSchemas(properties));
  for (const [name, value] of Object.entries(node)) {
    if (!name.startsWith('x-')) continue;
    writer.bytes(31, new ProtobufWriter().text(1, name).bytes(2, anyValue(value)).finish());
  }
  return writer.finish();
}

function additionalProperties(value: unknown): Buffer | undefined {
  if (typeof value === 'boolean') return new ProtobufWriter().bool(2, value).finish();
  return value === undefined ? undefined : new ProtobufWriter().bytes(1, schema(value)).finish();
}

function typeItem(type: unknown): Buffer | undefined {
  if (type === undefined) return undefined;
  return new ProtobufWriter().texts(1, asList(type)).finish();
}

/** `Any` holds YAML, of which JSON is a part. */
function anyValue(value: unknown): Buffer {
  return new ProtobufWriter().text(2, JSON.stringify(value)).finish();
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
