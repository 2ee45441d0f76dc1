import type { JsonSchema } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import type { SwaggerOperation, SwaggerParameter, SwaggerPathItem } from './openapi-v2-paths.js';
import { METHODS } from './openapi-v2-paths.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** A Swagger document, as far as this server fills one. */
export interface SwaggerDocument {
  readonly swagger: string;
  readonly info: { readonly title: string; readonly version: string };
  /** Each as `protobufPath` has it. */
  readonly paths: readonly Buffer[];
  /** Each as `protobufDefinition` has it. */
  readonly definitions: readonly Buffer[];
}

/**
 * The document as the protobuf message `openapi.v2.Document`, the only form of it that Go clients ask
 * for. Field numbers are those of OpenAPIv2.proto.
 */
export function swaggerProtobuf({ swagger, info, paths, definitions }: SwaggerDocument): Buffer {
  return new ProtobufWriter()
    .text(1, swagger)
    .bytes(2, new ProtobufWriter().text(1, info.title).text(2, info.version).finish())
    .bytes(8, Buffer.concat(paths))
    .bytes(9, Buffer.concat(definitions))
    .finish();
}

/** A path with its operations, as an entry of `Paths`. */
export function protobufPath(path: string, item: SwaggerPathItem): Buffer {
  const named = new ProtobufWriter().text(1, path).bytes(2, pathItem(item)).finish();
  return new ProtobufWriter().bytes(2, named).finish();
}

/** A schema with its name, as an entry of `Definitions`. */
export function protobufDefinition(name: string, schema: JsonSchema): Buffer {
  return namedSchemas({ [name]: schema });
}

const METHOD_FIELDS = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function pathItem(item: SwaggerPathItem): Buffer {
  const writer = new ProtobufWriter();
  for (const method of METHODS) {
    const found = item[method];
    if (found !== undefined) writer.bytes(METHOD_FIELDS[method], operation(found));
  }
  for (const one of item.parameters) writer.bytes(9, parameter(one));
  return writer.finish();
}

function operation(given: SwaggerOperation): Buffer {
  const writer = new ProtobufWriter()
    .texts(1, given.tags)
    .text(5, given.operationId)
    .texts(6, given.produces)
    .texts(7, given.consumes);
  for (const one of given.parameters ?? []) writer.bytes(8, parameter(one));
  writer.bytes(9, responses(given));
  for (const extension of extensions(given)) writer.bytes(13, extension);
  return writer.finish();
}

/** `ParametersItem`, of which a parameter is one form, of which that of a body is one again. */
function parameter(given: SwaggerParameter): Buffer {
  if (given.in === 'body') {
    const body = new ProtobufWriter()
      .text(2, given.name)
      .text(3, given.in)
      .bool(4, given.required)
      .bytes(5, schema(given.schema))
      .finish();
    return new ProtobufWriter().bytes(1, new ProtobufWriter().bytes(1, body).finish()).finish();
  }
  const writer = new ProtobufWriter()
    .bool(1, given.required)
    .text(2, given.in)
    .text(4, given.name)
    .text(given.in === 'query' ? 6 : 5, given.type)
    .bool(given.in === 'query' ? 20 : 19, given.uniqueItems);
  const place = new ProtobufWriter().bytes(given.in === 'query' ? 3 : 4, writer.finish()).finish();
  return new ProtobufWriter().bytes(1, new ProtobufWriter().bytes(2, place).finish()).finish();
}

function responses({ responses: { '200': good } }: SwaggerOperation): Buffer {
  const response = new ProtobufWriter()
    .text(1, good.description)
    .bytes(2, new ProtobufWriter().bytes(1, schema(good.schema)).finish())
    .finish();
  const value = new ProtobufWriter().bytes(1, response).finish();
  const named = new ProtobufWriter().text(1, '200').bytes(2, value).finish();
  return new ProtobufWriter().bytes(1, named).finish();
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
  for (const extension of extensions(node)) writer.bytes(31, extension);
  return writer.finish();
}

/** What begins with `x-`, each as a `NamedAny`. */
function extensions(node: object): Buffer[] {
  return Object.entries(node).flatMap(([name, value]) =>
    name.startsWith('x-')
      ? [new ProtobufWriter().text(1, name).bytes(2, anyValue(value)).finish()]
      : [],
  );
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
