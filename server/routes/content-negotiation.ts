import { ApiError } from '../../sdk/api/errors.js';

/** The shape in which objects are asked for. */
export type ObjectForm = 'object' | 'table' | 'metadata' | 'metadataList';

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
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return 'object';
  for (const { type, params } of clauses) {
    if (!isJson(type)) continue;
    const as = params.get('as');
    if (as === undefined) return 'object';
    if (params.get('g') !== 'meta.k8s.io' || params.get('v') !== 'v1') continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata') return 'metadata';
    if (as === 'PartialObjectMetadataList') return 'metadataList';
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

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'application/*' || type === '*/*';
}

function notAcceptable(): ApiError {
  return new ApiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json',
  );
}
