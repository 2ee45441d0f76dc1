import type { Client } from '../client/index.js';
import type { ListWatch } from '../sdk/kube/reflector.js';

/**
 * Reads a collection of Threeport's API, all namespaces. `resource` is a resource name, such as
 * `workloadinstances.workload.threeport.io`.
 */
export function createApiListWatch(
  client: Pick<Client, 'list' | 'watch'>,
  resource: string,
  fieldSelector?: string,
): ListWatch {
  const select = fieldSelector === undefined ? {} : { fieldSelector };
  return {
    // The client follows the pages itself.
    list: ({ signal }) => client.list(resource, { ...select, signal }),
    watch: ({ signal, resourceVersion, timeoutSeconds }) =>
      client.watch(resource, {
        ...select,
        signal,
        resourceVersion,
        timeoutSeconds,
        allowWatchBookmarks: true,
      }),
  };
}
