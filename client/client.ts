import { readFileSync } from 'node:fs';
import { ApiError, isNotFound } from '../sdk/api/errors.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import { collectionPath, resourceName } from '../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import { KindRegistry } from '../sdk/api/registry.js';
import { ATTEMPT_HEADER, formatAttempt } from '../sdk/api/work.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import type {
  Client,
  ClientOptions,
  KeyOptions,
  KindRef,
  ListResult,
  SelectOptions,
  WatchOptions,
  WriteOptions,
} from './client-types.js';
import type { Transport, TransportRequest } from './transport.js';
import { createTransport, decodeFailure } from './transport.js';
import { decodeWatch } from './watch.js';
import type { CallOptions } from './work-client.js';
import { createWorkClient } from './work-client.js';

const PAGE_SIZE = 500;
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const;

/** Does no I/O but reading `caFile`. @throws Error naming the option that is no good. */
export function createClient(options: ClientOptions): Client {
  const transport = createTransport({
    ...options,
    ...(options.ca === undefined && options.caFile !== undefined && { ca: readCa(options.caFile) }),
  });
  return createClientOver(transport, options.registry ?? new KindRegistry(kinds));
}

/** The same over a transport of any kind, which belongs to the client from now on. */
export function createClientOver(transport: Transport, registry: KindRegistry): Client {
  const resolve = (kind: KindRef): Exclude<KindRef, string> =>
    typeof kind === 'string' ? registry.resource(kind) : kind;

  const pathOf = (kind: KindRef, key: KeyOptions, subresource?: string): string => {
    const resolved = resolve(kind);
    if (key.name === '') {
      throw new ApiError('BadRequest', `${resourceName(resolved)}: the name is empty`);
    }
    const path = `${collectionPath(resolved, namespaceOf(resolved, key.namespace))}/${encodeURIComponent(key.name)}`;
    return subresource === undefined ? path : `${path}/${subresource}`;
  };

  const kindOf = (object: ApiObject): KindDefinition => {
    const kind = registry.findFor(object);
    if (kind !== undefined) return kind;
    throw new ApiError('NotFound', `no kind ${object.kind} in ${object.apiVersion} is known`);
  };

  async function call<T>(request: TransportRequest): Promise<T> {
    const answer = await transport.send(request);
    if (answer.statusCode >= 300) throw decodeFailure(answer.statusCode, answer.text);
    return JSON.parse(answer.text) as T;
  }

  async function listPages<O>(kind: KindRef, select: SelectOptions): Promise<ListResult<O>> {
    const resolved = resolve(kind);
    const items: O[] = [];
    let proceed: string | undefined;
    for (;;) {
      const page = await call<ListPage<O>>({
        method: 'GET',
        path: collectionPath(resolved, select.namespace),
        query: { ...selectors(select), limit: PAGE_SIZE, continue: proceed },
        ...callOf(select),
      });
      // Items of a list carry no kind of their own on the wire.
      for (const item of page.items) {
        items.push({ apiVersion: page.apiVersion, kind: resolved.kind, ...item });
      }
      proceed = page.metadata.continue === '' ? undefined : page.metadata.continue;
      if (proceed === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  const client: Client = {
    ...createWorkClient(transport),
    server: transport.server,
    get: async (kind, key, how = {}) =>
      call({ method: 'GET', path: pathOf(kind, key), ...callOf(how) }),
    async find<O extends ApiObject>(kind: KindRef, key: KeyOptions, how: CallOptions = {}) {
      try {
        return await client.get<O>(kind, key, how);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async list(kind, select = {}) {
      try {
        return await listPages(kind, select);
      } catch (error) {
        if (error instanceof ApiError && error.reason === 'Expired') return listPages(kind, select);
        throw error;
      }
    },
    async create(object, write = {}) {
      const kind = kindOf(object);
      return call({
        method: 'POST',
        path: collectionPath(kind, namespaceOf(kind, object.metadata.namespace)),
        query: writeQuery(write),
        headers: attemptHeader(write),
        body: object,
        ...callOf(write),
      });
    },
    update: async (object, write = {}) =>
      call({
        method: 'PUT',
        path: pathOf(kindOf(object), object.metadata, write.subresource),
        query: writeQuery(write),
        headers: attemptHeader(write),
        body: object,
        ...callOf(write),
      }),
    apply: async (object, write) =>
      call({
        method: 'PATCH',
        path: pathOf(kindOf(object), object.metadata, write.subresource),
        query: { ...writeQuery(write), force: write.force === true ? true : undefined },
        headers: { 'content-type': 'application/apply-patch+yaml', ...attemptHeader(write) },
        body: object,
        idempotent: true,
        ...callOf(write),
      }),
    patch: async (kind, key, patch, write = {}) =>
      call({
        method: 'PATCH',
        path: pathOf(kind, key, write.subresource),
        query: writeQuery(write),
        headers: { 'content-type': PATCH_TYPES[patch.type], ...attemptHeader(write) },
        body: patch.body,
        ...callOf(write),
      }),
    async delete(kind, key, how = {}) {
      const answer = await call<{ kind: string }>({
        method: 'DELETE',
        path: pathOf(kind, key),
        headers: attemptHeader(how),
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          ...(how.uid !== undefined && { preconditions: { uid: how.uid } }),
          ...(how.propagationPolicy !== undefined && { propagationPolicy: how.propagationPolicy }),
          ...(how.dryRun === true && { dryRun: ['All'] }),
        },
        ...callOf(how),
      });
      return answer.kind === 'Status' ? undefined : (answer as StoredApiObject);
    },
    async *watch<O extends ApiObject>(kind: KindRef, how: WatchOptions = {}) {
      const incoming = await transport.stream({
        method: 'GET',
        path: collectionPath(resolve(kind), how.namespace),
        query: {
          ...selectors(how),
          watch: true,
          resourceVersion: how.resourceVersion,
          allowWatchBookmarks: how.allowWatchBookmarks,
          timeoutSeconds: how.timeoutSeconds,
        },
        ...(how.accept !== undefined && { headers: { accept: how.accept } }),
        ...callOf(how),
      });
      yield* decodeWatch<O & StoredApiObject>(incoming);
    },
    raw: async (request) => transport.send(request),
    close: () => transport.close(),
  };
  return client;
}

interface ListPage<O> {
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly O[];
}

function namespaceOf(kind: { namespaced: boolean }, namespace?: string): string | undefined {
  return kind.namespaced ? (namespace ?? 'default') : undefined;
}

function selectors(select: SelectOptions): TransportRequest['query'] & object {
  return { labelSelector: select.labelSelector, fieldSelector: select.fieldSelector };
}

function writeQuery(write: WriteOptions): TransportRequest['query'] & object {
  return {
    dryRun: write.dryRun === true ? 'All' : undefined,
    fieldManager: write.fieldManager,
    fieldValidation: write.fieldValidation,
  };
}

function attemptHeader({ attempt }: Pick<WriteOptions, 'attempt'>): Record<string, string> {
  return attempt === undefined ? {} : { [ATTEMPT_HEADER]: formatAttempt(attempt) };
}

function callOf(options: CallOptions): CallOptions {
  return {
    ...(options.signal !== undefined && { signal: options.signal }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  };
}

function readCa(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the CA file ${caFile}`, { cause: error });
  }
}
