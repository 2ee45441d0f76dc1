import type { ApiError } from '../../sdk/api/errors.js';
import { parseFieldSelector, parseLabelSelector } from '../../sdk/api/selector.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { badRequest, invalidObject, invalidValue, unsupportedValue } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';
import { storedPath } from '../resource/kind-view.js';
import type {
  DeleteOptions,
  FieldValidation,
  PropagationPolicy,
  WriteOptions,
} from '../resource/write-request.js';
import { selectableField } from '../store/selectable-fields.js';
import type { WatchFilter } from '../watch/watch-selection.js';
import { isStorableText } from '../schema/storable-text.js';
import type { ResourceTarget } from './request-info.js';

const MAX_MANAGER_BYTES = 128;
/** What Go's unicode.IsPrint refuses. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const UNPRINTABLES = new RegExp(UNPRINTABLE, 'gu');

/** As Kubernetes reads booleans of a query: anything but `false` and `0` is true. */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** @throws ApiError for a value that the option does not take. */
export function writeOptions(
  query: URLSearchParams,
  request: {
    readonly user: RequestUser;
    readonly userAgent: string | undefined;
    readonly duplicates: readonly string[];
  },
): WriteOptions {
  return {
    user: request.user,
    fieldManager: fieldManager(query, request.userAgent),
    fieldValidation: fieldValidation(query),
    dryRun: isDryRun(query.getAll('dryRun')),
    duplicates: request.duplicates,
  };
}

/**
 * What to select, for list, watch and deletecollection. A watch may be of one object.
 *
 * @throws ApiError BadRequest for a selector that cannot be read or a field that cannot be selected.
 */
export function selection(
  { kind, view, namespace, name }: ResourceTarget,
  query: URLSearchParams,
): WatchFilter {
  const given = parseFieldSelector(query.get('fieldSelector') ?? '');
  const fields =
    view === undefined
      ? [...given]
      : given.map((field) => ({ ...field, path: storedPath(view, field.path) }));
  for (const { path, value } of fields) {
    selectableField(kind, path);
    if (!isStorableText(value))
      throw badRequest(`fieldSelector: ${path}: no object has such a value`);
  }
  if (name !== '') {
    const others = fields.filter(({ path }) => path === 'metadata.name');
    if (others.some(({ operator, value }) => operator !== '=' || value !== name)) {
      throw badRequest("fieldSelector metadata.name doesn't match requested name");
    }
    fields.push({ path: 'metadata.name', operator: '=', value: name });
  }
  return { kind, namespace, labels: parseLabelSelector(query.get('labelSelector') ?? ''), fields };
}

/** 0, which is as good as none, for negative ones. @throws ApiError BadRequest for no whole number. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequest(`${name}: want a whole number, found ${JSON.stringify(text)}`);
  }
  return Math.max(0, Number(text));
}

/** The version that a get, list or watch names. @throws ApiError BadRequest, in Kubernetes' words. */
export function resourceVersion(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const { field, message } = invalidValue(
    'resourceVersion',
    text,
    'must be a whole number of at most 15 digits',
  );
  throw badRequest(`${field}: ${message}`);
}

/**
 * Options of a delete from the query and the body, which may be a `DeleteOptions` object.
 *
 * @throws ApiError BadRequest for an option of the wrong type: a precondition that was not understood
 * must not become none.
 */
export function deleteOptions(
  query: URLSearchParams,
  body: unknown,
  user: RequestUser,
): DeleteOptions {
  if (body !== undefined && !isJsonObject(body)) throw badRequest('the body must be DeleteOptions');
  const kind = body?.['kind'];
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw badRequest(`the body must be DeleteOptions, found kind ${JSON.stringify(kind)}`);
  }
  const given = body?.['preconditions'] ?? {};
  if (!isJsonObject(given)) throw badRequest('preconditions: want an object');
  const uid = optionalText(given, 'uid', 'preconditions.uid');
  const resourceVersion = optionalText(given, 'resourceVersion', 'preconditions.resourceVersion');
  assertGracePeriod(query, body ?? {});
  const policy = propagationPolicy(query, body ?? {});
  return {
    user,
    dryRun: isDryRun([...query.getAll('dryRun'), ...dryRunOf(body?.['dryRun'])]),
    ...(policy !== undefined && { propagationPolicy: policy }),
    preconditions: {
      ...(uid !== '' && { uid }),
      ...(resourceVersion !== '' && { resourceVersion }),
    },
  };
}

/** '' when it is absent. */
function optionalText(options: Record<string, unknown>, name: string, field: string): string {
  const value = options[name] ?? '';
  if (typeof value !== 'string') throw badRequest(`${field}: want a string`);
  return value;
}

function dryRunOf(value: unknown): readonly string[] {
  const items = value ?? [];
  if (Array.isArray(items) && items.every((item) => typeof item === 'string')) return items;
  throw badRequest('dryRun: want a list of strings');
}

/** Undefined when the request leaves it to the object. `orphanDependents` is the older way to say it. */
function propagationPolicy(
  query: URLSearchParams,
  body: Record<string, unknown>,
): PropagationPolicy | undefined {
  const said = optionalText(body, 'propagationPolicy', 'propagationPolicy');
  const policy = said === '' ? (query.get('propagationPolicy') ?? '') : said;
  const orphan = body['orphanDependents'] ?? orphanDependents(query);
  if (orphan !== undefined) {
    if (typeof orphan !== 'boolean') throw badRequest('orphanDependents: want true or false');
    if (policy === '') return orphan ? 'Orphan' : 'Background';
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      invalidValue(
        'propagationPolicy',
        policy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    ]);
  }
  if (policy === '') return undefined;
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  throw invalidOption('DeleteOptions', 'propagationPolicy', policy, [
    'Foreground',
    'Background',
    'Orphan',
    'nil',
  ]);
}

function orphanDependents(query: URLSearchParams): boolean | undefined {
  const value = query.get('orphanDependents');
  return value === null ? undefined : !['false', '0'].includes(value.toLowerCase());
}

/** Any whole number is taken; see ObjectDeletion for what becomes of it. */
function assertGracePeriod(query: URLSearchParams, body: Record<string, unknown>): void {
  const { gracePeriodSeconds: said } = body;
  const asked = query.get('gracePeriodSeconds') ?? '';
  const isWhole = said === undefined || said === null || Number.isSafeInteger(said);
  if (isWhole && /^(-?\d{1,15})?$/.test(asked)) return;
  const found = JSON.stringify(isWhole ? asked : said);
  throw badRequest(`gracePeriodSeconds: want a whole number, found ${found}`);
}

function fieldValidation(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation') ?? '';
  if (value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw invalidOption('CreateOptions', 'fieldValidation', value, ['Ignore', 'Warn', 'Strict']);
}

function isDryRun(values: readonly string[]): boolean {
  const other = values.find((value) => value !== 'All' && value !== '');
  if (other !== undefined) throw invalidOption('CreateOptions', 'dryRun', other, ['All']);
  return values.includes('All');
}

function fieldManager(query: URLSearchParams, userAgent: string | undefined): string {
  const given = query.get('fieldManager') ?? '';
  if (Buffer.byteLength(given) > MAX_MANAGER_BYTES) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      {
        reason: 'FieldValueTooLong',
        field: 'fieldManager',
        message: `Too long: may not be more than ${MAX_MANAGER_BYTES} bytes`,
      },
    ]);
  }
  const unprintable = UNPRINTABLE.exec(given);
  if (unprintable !== null) {
    const code = (unprintable[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const at = Buffer.byteLength(given.slice(0, unprintable.index));
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      invalidValue('fieldManager', given, `invalid character U+${code} (at position ${at})`),
    ]);
  }
  if (given !== '') return given;
  const product = (userAgent ?? '').split('/', 1)[0]?.replace(UNPRINTABLES, '') ?? '';
  return product === '' ? 'unknown' : product.slice(0, MAX_MANAGER_BYTES);
}

function invalidOption(kind: string, field: string, value: unknown, allowed: readonly string[]) {
  return invalidOptions(kind, [unsupportedValue(field, value, allowed)]);
}

/** @throws ApiError Invalid when there is a fault. */
export function assertNoFaults(kind: string, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidOptions(kind, faults);
}

function invalidOptions(kind: string, faults: readonly FieldError[]): ApiError {
  return invalidObject({ group: 'meta.k8s.io', kind }, '', faults);
}
