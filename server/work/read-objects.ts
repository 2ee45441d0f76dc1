import type { ReadKey, ReadRequest } from '../../sdk/api/work.js';
import type { WorkContext } from './work-context.js';

/**
 * Answers a read: the body of a ReadResponse as JSON text, stored objects put in as they are. Each
 * is what is committed now; together they are no snapshot.
 */
export async function readObjects(context: WorkContext, { keys }: ReadRequest): Promise<string> {
  const objects = await Promise.all(keys.map((key) => readObject(context, key)));
  return `{"objects":[${objects.join(',')}]}`;
}

async function readObject({ registry, store, codec }: WorkContext, key: ReadKey): Promise<string> {
  const kind = registry.resource(key.resource);
  const namespace = kind.namespaced ? (key.namespace ?? 'default') : '';
  const stored = await store.get(kind, namespace, key.name);
  return stored === undefined ? 'null' : codec.readable(kind, stored).json;
}
