import type { KindDefinition, MovedField } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { isJsonObject, ownValue, setOwnValue } from '../apply/json-object.js';
import { scanJson } from '../routes/json-scan.js';
import { valueAt } from '../schema/field-path.js';
import { servedSchema } from '../schema/served-schema.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import type { ConversionStep } from './conversion-steps.js';
import { stepsBetween } from './conversion-steps.js';
import type { UnconvertedField } from './unconverted-fields.js';
import { differenceOf, restoreField } from './unconverted-fields.js';

/** Holds, as JSON, what the object has in another version and this one cannot say. */
export const UNCONVERTED_ANNOTATION = 'conversion.threeport.io/unconverted';

type Fields = Record<string, unknown>;

/**
 * An object of one version as one of another version of the same kind, `object` left as it is.
 *
 * Between versions with a declared conversion nothing is lost: what `to` has no place for is kept in
 * an annotation, and is put back when the object is converted to a version that has, unless the
 * object says something else there by then. Converting there and back gives an equal object.
 *
 * Without one only `apiVersion` changes, as under Kubernetes' conversion strategy `None`.
 */
export function convertObject<T extends ApiObject>(
  object: T,
  from: KindDefinition,
  to: KindDefinition,
  versions: readonly KindDefinition[],
): T {
  if (from.version === to.version) return object;
  const steps = stepsBetween(from, to, versions);
  if (steps === undefined) return { ...object, apiVersion: apiVersionOf(to) };
  return steps.reduce<ApiObject>(convertStep, object) as T;
}

function convertStep(object: ApiObject, { to, moves }: ConversionStep): ApiObject {
  const { metadata, ...copied } = structuredClone({ ...object, apiVersion: apiVersionOf(to) });
  const kept = keptFields(object);
  const fields: Fields = copied;
  for (const field of kept) if (field.filled === undefined) restoreField(fields, field);
  const filled = move(fields, moves);
  for (const field of kept) if (field.filled !== undefined) restoreField(fields, field);
  const pruned = structuredClone(fields);
  pruneUnknownFields(pruned, servedSchema(to));
  const unconverted = [...differenceOf(fields, pruned, servedSchema(to)), ...filled];
  return { ...pruned, metadata: withKept(metadata, unconverted) } as ApiObject;
}

/** Moves the values; answers the empty places that they went into. Changes `fields`. */
function move(fields: Fields, moves: readonly MovedField[]): UnconvertedField[] {
  const taken = moves.map(({ from, to }) => ({ to, value: takeOut(fields, from.split('.')) }));
  const filled: UnconvertedField[] = [];
  for (const { to, value } of taken) {
    if (value !== undefined) putIn(fields, to.split('.'), value, filled);
  }
  return filled;
}

/** Takes the value at a path out, and with it the objects that this leaves empty. */
function takeOut(place: Fields, path: readonly string[]): unknown {
  const [name = '', ...rest] = path;
  const found = ownValue(place, name);
  if (rest.length === 0) {
    delete place[name];
    return found;
  }
  if (!isJsonObject(found) || valueAt(found, rest.join('.')) === undefined) return undefined;
  const value = takeOut(found, rest);
  if (Object.keys(found).length === 0) delete place[name];
  return value;
}

function putIn(
  root: Fields,
  path: readonly string[],
  value: unknown,
  filled: UnconvertedField[],
): void {
  let place = root;
  for (const [depth, name] of path.slice(0, -1).entries()) {
    const found = ownValue(place, name);
    const isEmpty = !isJsonObject(found) || Object.keys(found).length === 0;
    if (found !== undefined && isEmpty) {
      filled.push({ path: path.slice(0, depth + 1), value: structuredClone(found), filled: true });
    }
    if (isJsonObject(found)) place = found;
    else {
      const made: Fields = {};
      setOwnValue(place, name, made);
      place = made;
    }
  }
  setOwnValue(place, path.at(-1) ?? '', value);
}

/**
 * The metadata with what it keeps of `status` as it was in `old`: who writes the object itself does not
 * write that.
 */
export function withStatusKeptOf(object: ApiObject, old?: ApiObject): ApiObject['metadata'] {
  const isStatus = ({ path }: UnconvertedField): boolean => path[0] === 'status';
  const own = keptFields(object).filter((field) => !isStatus(field));
  const before = old === undefined ? [] : keptFields(old).filter(isStatus);
  return withKept(object.metadata, [...own, ...before]);
}

/** What the annotation says; nothing when a client spoiled it. */
function keptFields({ metadata }: ApiObject): readonly UnconvertedField[] {
  const text = metadata.annotations?.[UNCONVERTED_ANNOTATION];
  if (text === undefined) return [];
  try {
    // A client may have written it: the limits of a body hold for it too.
    scanJson(text);
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept) ? kept.filter(isUnconvertedField) : [];
  } catch {
    return [];
  }
}

function isUnconvertedField(value: unknown): value is UnconvertedField {
  if (!isJsonObject(value) || value['value'] === undefined) return false;
  const path = value['path'];
  return (
    Array.isArray(path) &&
    path.length > 0 &&
    path.every((step) => typeof step === 'string' || isJsonObject(step)) &&
    !['metadata', 'apiVersion', 'kind'].includes(String(path[0]))
  );
}

function withKept(
  metadata: ApiObject['metadata'],
  unconverted: readonly UnconvertedField[],
): ApiObject['metadata'] {
  const { annotations: given, ...others } = metadata;
  const { [UNCONVERTED_ANNOTATION]: _old, ...annotations } = given ?? {};
  if (unconverted.length > 0) annotations[UNCONVERTED_ANNOTATION] = JSON.stringify(unconverted);
  const hadOnlyThat =
    given?.[UNCONVERTED_ANNOTATION] !== undefined && Object.keys(annotations).length === 0;
  if (given === undefined && unconverted.length === 0) return others;
  return hadOnlyThat ? others : { ...others, annotations };
}
