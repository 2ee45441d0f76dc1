export { createClient, createClientOver } from './client.js';
export type {
  ApplyOptions,
  Client,
  ClientOptions,
  DeleteOptions,
  KeyOptions,
  KindRef,
  ListResult,
  SelectOptions,
  WatchOptions,
  WriteOptions,
} from './client-types.js';
export { readKubeconfig } from './kubeconfig.js';
export type { KubeconfigContext } from './kubeconfig.js';
export { createTransport, decodeFailure } from './transport.js';
export type {
  Transport,
  TransportOptions,
  TransportRequest,
  TransportResponse,
} from './transport.js';
export type { WatchEvent } from './watch.js';
export type { CallOptions, WorkClient } from './work-client.js';
