import { ApiError } from '../../sdk/api/errors.js';
import type { MetaVersion } from '../table/meta-version.js';

/** The shape in which objects are asked for. */
export type ObjectForm =
  | { readonly type: 'object' }
  | { readonly type: 'table' | 'metadata' | 'metadataList'; readonly version: MetaVersion };

const OBJECT: ObjectForm = { type: 'object' };

export const YAML_TYPE = 'application/yaml';

const FORMS: ReadonlyMap<string, 'table' | 'metadata' | 'metadataList'> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadataList'],
]);

interface AcceptClause {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
}

/**
 * The first form of an Accept header that this server can give.
 *
 * @throws ApiError NotAcceptable when it can give none, for example protobuf alone.
 */
export function negotiateForm(accept: string | undefined): ObjectForm {
  return negotiate(accept, isServed);
}

/**
 * As `negotiateForm`, for a stream of events, which is JSON alone.
 *
 * @throws ApiError NotAcceptable.
 */
export function negotiateStream(accept: string | undefined): ObjectForm {
  return negotiate(accept, isJson);
}

/** True when YAML is what an Accept header puts before JSON. */
export function prefersYaml(accept: string | undefined): boolean {
  if (accept?.includes('yaml') !== true) return false;
  const first = parseAccept(accept).find(({ type }) => isServed(type));
  return first !== undefined && !isJson(first.type);
}

function negotiate(accept: string | undefined, isGiven: (type: string) => boolean): ObjectForm {
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return OBJECT;
  for (const { type, params } of clauses) {
    if (!isGiven(type)) continue;
    const as = params.get('as');
    if (as === undefined) return OBJECT;
    const v = params.get('v');
    if (params.get('g') !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue;
    const form = FORMS.get(as);
    if (form !== undefined) return { type: form, version: `meta.k8s.io/${v}` };
  }
  throw notAcceptable();
}

/** `v2` when aggregated discovery is asked for in a version served, else undefined. */
export function negotiateDiscovery(accept: string | undefined): 'v2' | undefined {
  for (const { type, params } of parseAccept(accept)) {
    if (!isJson(type)) continue;
    if (params.get('as') === undefined) return undefined;
    if (params.get('g') === 'apidiscovery.k8s.io' && params.get('v') === 'v2') return 'v2';
  }
  return undefined;
}

/** @throws ApiError NotAcceptable unless plain JSON will do. */
export function requireJson(accept: string | undefined): void {
  const clauses = parseAccept(accept);
  if (clauses.length > 0 && !clauses.some(({ type }) => isJson(type))) throw notAcceptable();
}

function parseAccept(accept: string | undefined): AcceptClause[] {
  return (accept ?? '')
    .split(',')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '')
    .map((clause) => {
      const [type = '', ...params] = clause.split(';').map((part) => part.trim());
      return {
        type: type.toLowerCase(),
        params: new Map(params.map((param) => param.split('=', 2) as [string, string])),
      };
    });
}

function isServed(type: string): boolean {
  return isJson(type) || type === YAML_TYPE;
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'application/*' || type === '*/*';
}

function notAcceptable(): ApiError {
  return new ApiError(
    'NotAcceptable',
    `only the following media types are accepted: application/json, ${YAML_TYPE}`,
  );
}
