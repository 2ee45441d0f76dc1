import { ApiError, fromStatus, isConflict, isNotFound } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';
import { formatKey } from '../api/object.js';
import type { KubeObjectRef, KubePort, KubeResource, KubeVersion } from '../ports/kube-port.js';
import type { Discovery } from './discovery.js';
import { createDiscovery, resourcePath } from './discovery.js';
import type { KubeRequest, KubeTransport } from './kube-transport.js';

const FIELD_MANAGER = 'threeport';
const APPLY_PATCH = 'application/apply-patch+yaml';
const LONGEST_PAUSE_MS = 60_000;
const LIST_PAGE_SIZE = 500;

/**
 * The API of the cluster that the transport reaches. Discovery is cached for the port's life. A cluster
 * that answers 429 with Retry-After is left alone for so long (at most a minute): calls fail at once.
 */
export function createKubePort(
  transport: KubeTransport,
  discovery: Discovery = createDiscovery(transport),
): KubePort {
  let refused = { untilMs: 0, message: '' };
  const send = async (request: KubeRequest): Promise<unknown> => {
    const waitMs = refused.untilMs - performance.now();
    if (waitMs > 0) throw tooManyRequests(refused.message, Math.ceil(waitMs / 1_000));
    const { statusCode, body, retryAfterSeconds } = await transport.request(request);
    if (statusCode >= 200 && statusCode < 300) return body;
    const error = fromStatus(statusCode, body);
    if (retryAfterSeconds === undefined) throw error;
    if (error.reason === 'TooManyRequests') {
      const pauseMs = Math.min(retryAfterSeconds * 1_000, LONGEST_PAUSE_MS);
      refused = { untilMs: performance.now() + pauseMs, message: error.message };
    }
    const details = { retryAfterSeconds, ...error.details };
    throw new ApiError(error.reason, error.message, { details });
  };

  const apply = async (object: ApiObject, dryRun: boolean): Promise<StoredApiObject> => {
    const resource = await discovery.resource(object.apiVersion, object.kind);
    if (resource === undefined) throw noMatches(object.apiVersion, object.kind);
    // Strict, as kubectl: a mistyped field is told, not dropped.
    const query = `fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
    const body = await send({
      method: 'PATCH',
      path: `${resourcePath(resource, requireNamespace(resource, object.metadata))}?${query}`,
      body: object,
      contentType: APPLY_PATCH,
      readOnly: dryRun,
    });
    return body as StoredApiObject;
  };

  return {
    endpoint: transport.endpoint,

    version: async () => (await send({ method: 'GET', path: '/version' })) as KubeVersion,

    resource: (apiVersion, kind) => discovery.resource(apiVersion, kind),

    find: async (ref) => {
      const resource = await discovery.resource(ref.apiVersion, ref.kind);
      if (resource === undefined) return undefined;
      const path = resourcePath(resource, requireNamespace(resource, ref));
      return (await undefinedIfNotFound(send({ method: 'GET', path }))) as
        StoredApiObject | undefined;
    },

    list: async (apiVersion, kind, labelSelector) => {
      const resource = await discovery.resource(apiVersion, kind);
      return resource === undefined ? [] : listAll(send, resource, labelSelector);
    },

    apply: (object) => apply(object, false),
    dryRunApply: (object) => apply(object, true),

    delete: async (ref, uid) => {
      const resource = await discovery.resource(ref.apiVersion, ref.kind);
      if (resource === undefined) return;
      await ignoreReplaced(
        uid,
        send({
          method: 'DELETE',
          path: resourcePath(resource, requireNamespace(resource, ref)),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: 'Background',
            ...(uid !== undefined && { preconditions: { uid } }),
          },
        }),
      );
    },
  };
}

async function listAll(
  send: (request: KubeRequest) => Promise<unknown>,
  resource: KubeResource,
  labelSelector: string,
): Promise<readonly StoredApiObject[]> {
  const { apiVersion, kind } = resource;
  const items: StoredApiObject[] = [];
  let continueToken: string | undefined = '';
  while (continueToken !== undefined) {
    const query = new URLSearchParams({ labelSelector, limit: String(LIST_PAGE_SIZE) });
    if (continueToken !== '') query.set('continue', continueToken);
    const path = `${resourcePath(resource)}?${query}`;
    const page = (await undefinedIfNotFound(send({ method: 'GET', path }))) as
      { metadata?: { continue?: string }; items?: StoredApiObject[] } | undefined;
    // Items of a list carry neither apiVersion nor kind.
    items.push(...(page?.items ?? []).map((item) => ({ ...item, apiVersion, kind })));
    continueToken = page?.metadata?.continue || undefined;
  }
  return items;
}

function requireNamespace(
  resource: KubeResource,
  key: { readonly namespace?: string; readonly name: string },
): Pick<KubeObjectRef, 'namespace' | 'name'> {
  if (resource.namespaced && (key.namespace === undefined || key.namespace === '')) {
    throw new ApiError(
      'BadRequest',
      `${resource.kind} ${formatKey({ namespace: '', name: key.name })} needs a namespace`,
    );
  }
  return key;
}

function tooManyRequests(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError('TooManyRequests', message, { details: { retryAfterSeconds } });
}

/** kubectl's words for a kind that the cluster does not know. */
function noMatches(apiVersion: string, kind: string): ApiError {
  return new ApiError('NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`);
}

async function undefinedIfNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function ignoreReplaced(uid: string | undefined, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    // With a uid precondition a Conflict says that another object has the name now.
    if (isNotFound(error) || (uid !== undefined && isConflict(error))) return;
    throw error;
  }
}
