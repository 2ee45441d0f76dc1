import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import type {
  ApplyOptions,
  Client,
  DeleteOptions,
  KeyOptions,
  ListResult,
  SelectOptions,
  WatchOptions,
  WriteOptions,
} from './client-types.js';
import type { WatchEvent } from './watch.js';
import type { CallOptions } from './work-client.js';

/** One kind of a client, typed. Every method does what `Client`'s of the same name does. */
export interface ResourceClient<O extends ApiObject> {
  readonly resource: string;
  get(key: KeyOptions, options?: CallOptions): Promise<O & StoredApiObject>;
  find(key: KeyOptions, options?: CallOptions): Promise<(O & StoredApiObject) | undefined>;
  list(options?: SelectOptions): Promise<ListResult<O & StoredApiObject>>;
  create(object: O, options?: WriteOptions): Promise<O & StoredApiObject>;
  update(object: O, options?: WriteOptions): Promise<O & StoredApiObject>;
  updateStatus(object: O, options?: WriteOptions): Promise<O & StoredApiObject>;
  apply(object: O, options: ApplyOptions): Promise<O & StoredApiObject>;
  delete(key: KeyOptions, options?: DeleteOptions): Promise<StoredApiObject | undefined>;
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<O & StoredApiObject>>;
}

export function resourceClient<O extends ApiObject>(
  client: Client,
  resource: string,
): ResourceClient<O> {
  return {
    resource,
    get: (key, options) => client.get<O>(resource, key, options),
    find: (key, options) => client.find<O>(resource, key, options),
    list: (options) => client.list<O>(resource, options),
    create: (object, options) => client.create(object, options),
    update: (object, options) => client.update(object, options),
    updateStatus: (object, options) => client.update(object, { ...options, subresource: 'status' }),
    apply: (object, options) => client.apply(object, options),
    delete: (key, options) => client.delete(resource, key, options),
    watch: (options) => client.watch<O>(resource, options),
  };
}
