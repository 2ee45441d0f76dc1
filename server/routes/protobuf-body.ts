import { isUtf8 } from 'node:buffer';
import { ApiError } from '../../sdk/api/errors.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import { badRequest } from '../api-errors.js';
import { doesNumberFit, MAX_VALUES, scanJson } from './json-scan.js';
import type { ProtobufField, ProtobufMessage } from './protobuf-messages.js';
import { PROTOBUF_MESSAGES } from './protobuf-messages.js';
import { ProtobufReader } from './protobuf-reader.js';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');
const MAX_DEPTH = 32;
const DELETE_OPTIONS = 'DeleteOptions';
/** The last second of the year 9999: what JSON has no time for. */
const MAX_TIME_SECONDS = 253_402_300_799;

/** How many more fields one body may have; the same for all its messages. */
interface Budget {
  fields: number;
}

/**
 * An object in Kubernetes' protobuf, which Go clients send of Kubernetes' own kinds without asking. Zero
 * values that Kubernetes' types leave out of JSON are left out.
 *
 * @throws ApiError BadRequest for bytes that are no such object; UnsupportedMediaType for a kind, or
 * a field with a value, that is not in the table: nothing is dropped silently.
 */
export function decodeProtobuf(body: Buffer): Record<string, unknown> {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest('the body of the request is not Kubernetes protobuf');
  }
  const budget: Budget = { fields: MAX_VALUES };
  const envelope = fieldsOf(body.subarray(MAGIC.length), budget);
  const type = fieldsOf(bytesOf(envelope, 1), budget);
  const apiVersion = textOf(bytesOf(type, 1));
  const kind = textOf(bytesOf(type, 2));
  // The options of a delete go by the group of what is deleted.
  const name =
    kind === DELETE_OPTIONS ? `/${kind}` : `${parseApiVersion(apiVersion).group}/${kind}`;
  const message = Object.hasOwn(PROTOBUF_MESSAGES, name) ? PROTOBUF_MESSAGES[name] : undefined;
  if (message === undefined) throw unsupported(`${apiVersion} ${kind}`);
  return {
    apiVersion,
    kind,
    ...decodeMessage(bytesOf(envelope, 2), message, kind, { budget, depth: 0 }),
  };
}

type Fields = ReadonlyMap<number, readonly (Buffer | number)[]>;

function fieldsOf(bytes: Buffer, budget: Budget): Fields {
  const fields = new Map<number, (Buffer | number)[]>();
  const reader = new ProtobufReader(bytes);
  while (!reader.isAtEnd) {
    if (--budget.fields < 0) throw badRequest(`the body has more than ${MAX_VALUES} fields`);
    const { number, value } = reader.field();
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return fields;
}

function textOf(bytes: Buffer): string {
  // Stored, such bytes would be other ones.
  if (!isUtf8(bytes)) throw badRequest('a text in the protobuf is not valid UTF-8');
  return bytes.toString('utf8');
}

function bytesOf(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

/** Where in a body a message stands. */
interface Place {
  readonly budget: Budget;
  readonly depth: number;
}

function decodeMessage(
  bytes: Buffer,
  message: ProtobufMessage,
  path: string,
  place: Place,
): Record<string, unknown> {
  if (place.depth > MAX_DEPTH) throw badRequest('the object is nested too deep');
  const object: Record<string, unknown> = {};
  for (const [number, values] of fieldsOf(bytes, place.budget)) {
    const field = message[number];
    if (field === undefined) {
      if (values.some((value) => !isZero(value))) throw unsupported(`field ${number} of ${path}`);
      continue;
    }
    const decoded = decodeField(values, field, `${path}.${field.name}`, place);
    if (decoded !== undefined) object[field.name] = decoded;
  }
  return object;
}

function decodeField(
  values: readonly (Buffer | number)[],
  field: ProtobufField,
  path: string,
  place: Place,
): unknown {
  if (field.type === 'map' || field.type === 'bytesMap') {
    return decodeMap(values, field.type, place.budget);
  }
  const decoded = values.map((value) => decodeValue(value, field, path, place));
  if (field.repeated === true) return decoded;
  const last = decoded.at(-1);
  const isOmitted = last === '' || last === 0 || last === false;
  return isOmitted && field.optional !== true ? undefined : last;
}

function decodeValue(
  value: Buffer | number,
  field: ProtobufField,
  path: string,
  place: Place,
): unknown {
  const { budget } = place;
  if (field.type === 'int' || field.type === 'bool') {
    if (typeof value !== 'number') throw badRequest(`${path}: want a number in the protobuf`);
    if (!doesNumberFit(value)) throw badRequest(`${path}: the number ${value} does not fit`);
    return field.type === 'bool' ? value !== 0 : value;
  }
  if (!Buffer.isBuffer(value)) throw badRequest(`${path}: want bytes in the protobuf`);
  switch (field.type) {
    case 'bytes':
      return value.toString('base64');
    case 'time':
      return decodeTime(fieldsOf(value, budget), path);
    case 'microTime':
      return decodeMicroTime(fieldsOf(value, budget), path);
    case 'json':
      return decodeJsonField(textOf(bytesOf(fieldsOf(value, budget), 1)), path);
    case 'intOrString': {
      const fields = fieldsOf(value, budget);
      return fields.get(1)?.at(-1) === 1
        ? textOf(bytesOf(fields, 3))
        : Number(fields.get(2)?.at(-1) ?? 0);
    }
    case 'message': {
      const message = PROTOBUF_MESSAGES[field.message ?? ''];
      if (message === undefined) throw new Error(`no protobuf message ${field.message}`);
      return decodeMessage(value, message, path, { budget, depth: place.depth + 1 });
    }
    default:
      return textOf(value);
  }
}

function decodeMap(
  values: readonly (Buffer | number)[],
  type: 'map' | 'bytesMap',
  budget: Budget,
): object {
  const entries = values.map((value): [string, string] => {
    if (!Buffer.isBuffer(value)) throw badRequest('a map in the protobuf is broken');
    const fields = fieldsOf(value, budget);
    const key = textOf(bytesOf(fields, 1));
    if (key === '__proto__') throw badRequest('the field name "__proto__" is not allowed');
    const bytes = bytesOf(fields, 2);
    return [key, type === 'map' ? textOf(bytes) : bytes.toString('base64')];
  });
  return Object.fromEntries(entries);
}

/** Undefined for no time at all, as in every new object. */
function decodeTime(fields: Fields, path: string): string | undefined {
  const seconds = fields.get(1)?.at(-1);
  if (typeof seconds !== 'number' || seconds <= 0) return undefined;
  if (seconds > MAX_TIME_SECONDS) throw badRequest(`${path}: no such time in the protobuf`);
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** With six digits of a second, as Kubernetes writes it. */
function decodeMicroTime(fields: Fields, path: string): string | undefined {
  const whole = decodeTime(fields, path);
  const nanos = Number(fields.get(2)?.at(-1) ?? 0);
  if (!(nanos >= 0 && nanos < 1e9)) throw badRequest(`${path}: no such time in the protobuf`);
  const micros = String(Math.floor(nanos / 1_000)).padStart(6, '0');
  return whole?.replace('Z', `.${micros}Z`);
}

function decodeJsonField(text: string, path: string): unknown {
  scanJson(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`${path}: want JSON in the protobuf`, error);
  }
}

function isZero(value: Buffer | number): boolean {
  return typeof value === 'number' ? value === 0 : value.every((byte) => byte === 0);
}

function unsupported(what: string): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `${what} is not understood in protobuf; send the object as JSON or YAML, as \`kubectl apply\` does`,
  );
}
