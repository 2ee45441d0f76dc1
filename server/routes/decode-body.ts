import { isUtf8 } from 'node:buffer';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { ApiError } from '../../sdk/api/errors.js';
import { jsonSize } from '../../sdk/api/json-size.js';
import { badRequest } from '../api-errors.js';
import { doesNumberFit, MAX_DEPTH, scanJson } from './json-scan.js';
import { decodeProtobuf, PROTOBUF_TYPE } from './protobuf-body.js';

/** A body as data. `duplicates` are the paths of keys that were given twice; the last one won. */
export interface DecodedBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]);
const YAML_TYPES: ReadonlySet<string> = new Set([
  'application/yaml',
  'application/apply-patch+yaml',
]);
/** Kubernetes' YAML: no timestamps or other typed scalars, but `<<` merges. */
const YAML_SCHEMA = CORE_SCHEMA.withTags(mergeTag);
const MAX_ALIASES = 100;
/** Reading YAML takes ten times as long as JSON: who has more than this sends JSON. */
const MAX_YAML_BYTES = 1024 * 1024;
/** What aliases may expand a body to; the text itself is bounded where it is read. */
const MAX_EXPANDED_BYTES = 16_000_000;

/** The media type of a request, without parameters, in lower case; JSON when none is said. */
export function mediaTypeOf(contentType: string | undefined): string {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

/**
 * Parses a body by its media type. YAML comes back as plain JSON data: no shared parts, no dates.
 *
 * @throws ApiError UnsupportedMediaType unless the type is one of `accepted`; BadRequest with the
 * place of the fault when the text cannot be parsed or is hostile.
 */
export function decodeBody(
  body: Buffer,
  mediaType: string,
  accepted: readonly string[],
): DecodedBody {
  if (!accepted.includes(mediaType)) {
    throw new ApiError(
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    );
  }
  if (mediaType === PROTOBUF_TYPE) return { value: decodeProtobuf(body), duplicates: [] };
  // Stored, such bytes would be other ones.
  if (!isUtf8(body)) throw badRequest('the body of the request is not valid UTF-8');
  const text = body.toString('utf8');
  if (YAML_TYPES.has(mediaType) && !/^\s*[{[]/.test(text)) return decodeYaml(text);
  if (JSON_TYPES.has(mediaType) || YAML_TYPES.has(mediaType)) return decodeJson(text, mediaType);
  throw new Error(`no decoder for ${mediaType}`);
}

function decodeJson(text: string, mediaType: string): DecodedBody {
  const duplicates = scanJson(text);
  try {
    return { value: JSON.parse(text), duplicates };
  } catch (error) {
    // Flow-style YAML begins like JSON.
    if (YAML_TYPES.has(mediaType)) return decodeYaml(text);
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const at = position === undefined ? '' : ` (at byte ${position})`;
    throw badRequest(`the body of the request is not valid JSON${at}`, error);
  }
}

function assertNumberFits(key: string, value: unknown): unknown {
  if (typeof value === 'number' && (Number.isNaN(value) || !doesNumberFit(value))) {
    throw badRequest(`${key}: the number ${value} does not fit`);
  }
  return value;
}

function decodeYaml(text: string): DecodedBody {
  if (text.length > MAX_YAML_BYTES) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `Request entity too large: limit is ${MAX_YAML_BYTES} bytes for YAML; send it as JSON`,
    );
  }
  let value: unknown;
  try {
    value = load(text, { schema: YAML_SCHEMA, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH });
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number; column: number } };
    const at = mark === undefined ? '' : ` (line ${mark.line + 1}, column ${mark.column + 1})`;
    throw badRequest(`error converting YAML to JSON: ${reason ?? 'not valid YAML'}${at}`, error);
  }
  if (jsonSize(value, MAX_EXPANDED_BYTES) > MAX_EXPANDED_BYTES) {
    throw badRequest(
      `error converting YAML to JSON: larger than ${MAX_EXPANDED_BYTES} bytes once its aliases are expanded, or nested too deep`,
    );
  }
  const json = JSON.stringify(value, assertNumberFits) ?? 'null';
  return { value: JSON.parse(json), duplicates: scanJson(json) };
}
