import { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { objectForbidden } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';

/** The verbs of Kubernetes' authorization; a path that is no resource has its lower-case method. */
export type AccessVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'post'
  | 'put'
  | 'head'
  | 'options';

/** What somebody wants to do. `kind` is absent for paths that are no resource. */
export interface AccessRequest {
  readonly user: RequestUser;
  readonly verb: AccessVerb;
  readonly path: string;
  readonly kind?: KindDefinition;
  /** '' for the object itself. */
  readonly subresource: string;
  /** '' for cluster-scoped kinds and for all namespaces. */
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
}

export interface Authorizer {
  isAllowed(request: AccessRequest): Promise<boolean> | boolean;
}

/** The refusal, in Kubernetes' words. */
export function accessDenied(request: AccessRequest): ApiError {
  const { user, verb, kind } = request;
  if (kind === undefined) {
    return new ApiError(
      'Forbidden',
      `forbidden: User "${user.name}" cannot ${verb} path "${request.path}"`,
      {
        details: {},
      },
    );
  }
  const resource =
    request.subresource === '' ? kind.plural : `${kind.plural}/${request.subresource}`;
  const scope =
    request.namespace === '' ? 'at the cluster scope' : `in the namespace "${request.namespace}"`;
  return objectForbidden(
    kind,
    request.name,
    `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${scope}`,
  );
}

const SELF_REVIEW = /^SelfSubject/;

/** Below these is what the API is, not what it holds. */
export const DISCOVERY_PATHS: readonly string[] = [
  '/api',
  '/apis',
  '/openapi',
  '/version',
  '/docs',
  '/healthz',
  '/livez',
  '/readyz',
];

/** Whose members may read `/metrics` and nothing else beyond, as in Kubernetes. */
const MONITORING_GROUP = 'system:monitoring';

/** Paths that every authenticated user may read. */
export function isDiscoveryPath(path: string): boolean {
  return DISCOVERY_PATHS.some((root) => path === root || path.startsWith(`${root}/`));
}

/** Questions that every authenticated user may ask: who they are and what they may do. */
function isSelfReview({ kind, verb }: AccessRequest): boolean {
  return kind?.isReview === true && verb === 'create' && SELF_REVIEW.test(kind.kind);
}

function isMonitoring({ kind, verb, path, user }: AccessRequest): boolean {
  const isScrape = kind === undefined && verb === 'get' && path === '/metrics';
  return isScrape && user.groups.includes(MONITORING_GROUP);
}

/**
 * Members of these groups may do everything; everybody with a credential may read discovery and ask
 * about themselves.
 */
export function createGroupAuthorizer(groups: readonly string[]): Authorizer {
  return {
    isAllowed: (request) =>
      groups.some((group) => request.user.groups.includes(group)) ||
      isSelfReview(request) ||
      isMonitoring(request) ||
      (request.kind === undefined && request.verb === 'get' && isDiscoveryPath(request.path)),
  };
}
