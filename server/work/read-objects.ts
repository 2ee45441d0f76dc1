import type { ReadRequest } from '../../sdk/api/work.js';
import type { WorkContext } from './work-context.js';

/**
 * Answers a read: the body of a ReadResponse as JSON text, stored objects put in as they are. Each
 * is what is committed now; together they are no snapshot.
 */
export async function readObjects(
  { registry, store, codec }: WorkContext,
  request: ReadRequest,
): Promise<string> {
  const keys = request.keys.map(({ resource, namespace = 'default', name }) => {
    const kind = registry.resource(resource);
    return { kind, namespace: kind.namespaced ? namespace : '', name };
  });
  const found = await store.getAll(keys);
  const objects = keys.map(({ kind }, index) => {
    const stored = found[index];
    return stored === undefined ? 'null' : codec.readable(kind, stored).json;
  });
  return `{"objects":[${objects.join(',')}]}`;
}
