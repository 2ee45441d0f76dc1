import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ApiError, isApiError } from '../../sdk/api/errors.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { AccessVerb, Authorizer } from '../auth/authorizer.js';
import { actingUser } from '../auth/impersonation.js';
import { accessDenied } from '../auth/authorizer.js';
import { unknownPath } from '../api-errors.js';
import type { CountedRequest, RequestMetrics } from '../metrics/request-metrics.js';
import type { RequestTraces } from '../tracing/request-traces.js';
import { sourceOf } from '../request-origin.js';
import type { RequestUser } from '../request-user.js';
import { withAttempt } from '../auth/requester.js';
import { ANONYMOUS, setUserOf } from '../request-user.js';
import type { WorkRoute } from '../work/work-route.js';
import { WORK_PATH } from '../work/work-route.js';
import { ANONYMOUS_PATHS } from './health-router.js';
import type { InFlightLimit } from './in-flight-limit.js';
import type { ResourceTarget } from './request-info.js';
import { isResourcePath, parseResourcePath, resourceOfPath } from './request-info.js';
import { requestTarget } from './request-target.js';
import type { ResourceRoute } from './resource-route.js';
import { servesSubresource, verbOf } from './resource-route.js';
import { sendError } from './response.js';

export interface RequestDispatcherOptions {
  readonly registry: KindRegistry;
  /** Serves a kind that only other servers know yet. True when it is served now. */
  readonly catchUp: (group: string, plural: string) => Promise<boolean>;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly resources: ResourceRoute;
  /** Absent: nobody works on objects of this server. */
  readonly work?: WorkRoute;
  /** Everything that is no resource. */
  readonly shell: RequestListener;
  /** Counts all but watches and the paths that need no credential. */
  readonly inFlight: InFlightLimit;
  readonly metrics: RequestMetrics;
  /** Absent: requests are no part of traces. */
  readonly traces?: RequestTraces;
  readonly logger: Logger;
}

/** What was found out of a request so far. */
interface Progress {
  target?: ResourceTarget;
  verb?: AccessVerb;
}

/**
 * The first code that a request meets: who is it, may they, and where does it go. All of that from
 * the head of the request; a refused one has no byte of its body read.
 */
export class RequestDispatcher {
  readonly #options: RequestDispatcherOptions;

  constructor(options: RequestDispatcherOptions) {
    this.#options = options;
  }

  /** Answers the request, whatever happens. Never rejects. */
  async dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const progress: Progress = {};
    this.#follow(request, response, progress);
    const { traces } = this.#options;
    const serve = (): Promise<void> => this.#serve(request, response, progress);
    if (traces === undefined) return serve();
    return traces.follow(request, response, () => countedRequest(request, progress), serve);
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    progress: Progress,
  ): Promise<void> {
    try {
      await this.#route(request, response, progress);
    } catch (error) {
      if (!isApiError(error)) {
        this.#options.logger.error('request failed', {
          method: request.method,
          path: pathOf(request),
          error: errorChain(error),
          stack: error instanceof Error ? error.stack : undefined,
        });
      }
      sendError(request, response, error);
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    progress: Progress,
  ): Promise<void> {
    const { registry, authenticator, authorizer, resources, work, shell, inFlight } = this.#options;
    request.url = requestTarget(request.url ?? '');
    const path = pathOf(request);
    const authenticated = authenticator.authenticate(request.headers);
    if (authenticated === undefined && !ANONYMOUS_PATHS.has(path)) {
      throw new ApiError('Unauthorized', 'Unauthorized');
    }
    const user =
      authenticated &&
      (await actingUser(withAttempt(authenticated, request.headers), request.headers, authorizer));
    setUserOf(request, user ?? ANONYMOUS);
    const method = request.method ?? 'GET';
    const target =
      isResourcePath(path) && user !== undefined ? await this.#targetOf(registry, path) : undefined;
    if (target === undefined || user === undefined) {
      if (!ANONYMOUS_PATHS.has(path)) inFlight.enter(response);
      if (user !== undefined) await this.#authorizePath(user, method, path);
      const isWork = work !== undefined && path.startsWith(WORK_PATH);
      if (isWork && user !== undefined) await work.serve(request, response, user, path);
      else shell(request, response);
      return;
    }
    const query = new URLSearchParams(queryOf(request));
    const isServed = servesSubresource(target);
    if (isServed) progress.target = target;
    const verb = isServed ? verbOf(method, target, query) : subresourceVerb(method);
    progress.verb = verb;
    if (verb !== 'watch') inFlight.enter(response);
    await this.#authorize(user, verb, path, target);
    if (isServed) {
      const caller = isRead(verb)
        ? user
        : { ...user, source: sourceOf(request, writeVerb(request, verb)) };
      await resources.serve({ request, response, target, query, verb, user: caller });
    } else shell(request, response);
  }

  async #targetOf(registry: KindRegistry, path: string): Promise<ResourceTarget | undefined> {
    const target = parseResourcePath(registry, path);
    if (target !== undefined) return target;
    const { group, plural } = resourceOfPath(path);
    const isServedNow =
      group !== '' &&
      registry.findResource(resourceName({ group, plural })) === undefined &&
      (await this.#options.catchUp(group, plural));
    return isServedNow ? parseResourcePath(registry, path) : undefined;
  }

  async #authorizePath(user: RequestUser, method: string, path: string): Promise<void> {
    const verb = (method === 'HEAD' ? 'get' : method.toLowerCase()) as AccessVerb;
    const access = { user, verb, path, subresource: '', namespace: '', name: '' };
    if (await this.#options.authorizer.isAllowed(access)) return;
    // A path that nobody serves is not found rather than forbidden.
    if (isResourcePath(path)) throw unknownPath();
    throw accessDenied(access);
  }

  async #authorize(
    user: RequestUser,
    verb: AccessVerb,
    path: string,
    target: ResourceTarget,
  ): Promise<void> {
    const { view, kind, ...place } = target;
    const access = { user, verb, path, kind: view ?? kind, ...place };
    if (!(await this.#options.authorizer.isAllowed(access))) throw accessDenied(access);
  }

  /** Counts and logs the request once it is over. */
  #follow(request: IncomingMessage, response: ServerResponse, progress: Progress): void {
    const { metrics, logger } = this.#options;
    const startedMs = performance.now();
    response.once('close', () => {
      const durationMs = performance.now() - startedMs;
      metrics.observe(countedRequest(request, progress), response.statusCode, durationMs / 1_000);
      logger.debug('request', {
        method: request.method,
        path: pathOf(request),
        status: response.statusCode,
        durationMs: Math.round(durationMs),
      });
    });
  }
}

/** Kubernetes' names for verbs in metrics, where they are not those of the methods. */
const COUNTED_VERBS: Partial<Record<AccessVerb, string>> = {
  list: 'LIST',
  watch: 'WATCH',
  deletecollection: 'DELETECOLLECTION',
};

function isRead(verb: AccessVerb): boolean {
  return verb === 'get' || verb === 'list' || verb === 'watch';
}

/** `apply` for server-side apply, which is a patch as far as permissions go. */
function writeVerb(request: IncomingMessage, verb: AccessVerb): string {
  return verb === 'patch' && isApply(request) ? 'apply' : verb;
}

function isApply({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/apply-patch') === true;
}

function countedRequest(request: IncomingMessage, { target, verb }: Progress): CountedRequest {
  const method = request.method ?? 'GET';
  if (target === undefined) return { verb: method, subresource: '', scope: '' };
  const { kind, view, namespace, name, subresource } = target;
  const named = (verb && COUNTED_VERBS[verb]) ?? (method === 'HEAD' ? 'GET' : method);
  return {
    // A method that the kind does not take is none of its verbs.
    verb: verb === undefined ? 'other' : verb === 'patch' && isApply(request) ? 'APPLY' : named,
    kind: view ?? kind,
    subresource,
    scope: name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster',
  };
}

function subresourceVerb(method: string): AccessVerb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return 'get';
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function queryOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? '' : url.slice(end + 1);
}
