import type { KindDefinition } from '../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import type { AttemptRef } from '../sdk/api/work.js';
import type { KindRegistry } from '../sdk/api/registry.js';
import type { TransportOptions, TransportRequest, TransportResponse } from './transport.js';
import type { WatchEvent } from './watch.js';
import type { CallOptions, WorkClient } from './work-client.js';

/** A kind, by its resource name (`workloads.workload.threeport.io`) or its place in the API. */
export type KindRef =
  string | Pick<KindDefinition, 'group' | 'version' | 'plural' | 'kind' | 'namespaced'>;

export interface ClientOptions extends TransportOptions {
  /** File with the CA in PEM, read at once; `ca` goes before it. */
  readonly caFile?: string;
  /** Kinds that may be named by resource name or object. Default: Threeport's. */
  readonly registry?: KindRegistry;
}

/** The namespace is ignored for cluster-scoped kinds. */
export interface KeyOptions {
  readonly namespace?: string;
  readonly name: string;
}

export interface SelectOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface WriteOptions extends CallOptions {
  /** For reconcilers: the attempt that the write is part of, which is not woken by it. */
  readonly attempt?: AttemptRef;
  readonly dryRun?: boolean;
  /** Who owns the fields written. */
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly subresource?: 'status' | 'scale';
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields from other managers. Default false. */
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Precondition: exactly this object. */
  readonly uid?: string;
  /** As for other writes. */
  readonly attempt?: AttemptRef;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun?: boolean;
}

export interface WatchOptions extends SelectOptions {
  /** Events after this version. Absent: the present objects as ADDED first. */
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  /** Another form of the objects than JSON, such as a Table. */
  readonly accept?: string;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds?: number;
}

export interface ListResult<O> {
  readonly items: readonly O[];
  /** A watch from here misses nothing. */
  readonly resourceVersion: string;
}

/**
 * The API of one server. Failures are ApiError with the server's reason and words; a server that
 * cannot be reached gives ServiceUnavailable. Reads, and applies, are tried again when the
 * connection fails; other writes are not.
 */
export interface Client extends WorkClient {
  readonly server: string;
  /** @throws ApiError NotFound. */
  get<O extends ApiObject = ApiObject>(
    kind: KindRef,
    key: KeyOptions,
    options?: CallOptions,
  ): Promise<O & StoredApiObject>;
  /** As `get`, undefined when there is no such object. */
  find<O extends ApiObject = ApiObject>(
    kind: KindRef,
    key: KeyOptions,
    options?: CallOptions,
  ): Promise<(O & StoredApiObject) | undefined>;
  /** Everything that matches, page by page (500). Starts over once when a page has expired. */
  list<O extends ApiObject = ApiObject>(
    kind: KindRef,
    options?: SelectOptions,
  ): Promise<ListResult<O & StoredApiObject>>;
  create<O extends ApiObject = ApiObject>(
    object: O,
    options?: WriteOptions,
  ): Promise<O & StoredApiObject>;
  /** @throws ApiError Conflict when `metadata.resourceVersion` is not the present one. */
  update<O extends ApiObject = ApiObject>(
    object: O,
    options?: WriteOptions,
  ): Promise<O & StoredApiObject>;
  /** Server-side apply. @throws ApiError Conflict naming the fields that others own. */
  apply<O extends ApiObject = ApiObject>(
    object: O,
    options: ApplyOptions,
  ): Promise<O & StoredApiObject>;
  patch<O extends ApiObject = ApiObject>(
    kind: KindRef,
    key: KeyOptions,
    patch: { readonly type: 'merge' | 'json'; readonly body: unknown },
    options?: WriteOptions,
  ): Promise<O & StoredApiObject>;
  /** The object when finalizers or dependents hold it, else undefined. @throws ApiError NotFound. */
  delete(
    kind: KindRef,
    key: KeyOptions,
    options?: DeleteOptions,
  ): Promise<StoredApiObject | undefined>;
  /** Connects at the first step of the loop; resuming is the caller's (an informer's) part. */
  watch<O extends ApiObject = ApiObject>(
    kind: KindRef,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<O & StoredApiObject>>;
  /** Any call, its answer undecoded, whatever its status code. */
  raw(request: TransportRequest): Promise<TransportResponse>;
  /** Closes its connections. */
  close(): void;
}
