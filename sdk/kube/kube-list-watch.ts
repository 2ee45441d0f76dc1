import { fromStatus } from '../api/errors.js';
import type { ApiObject } from '../api/object.js';
import { resourcePath } from './discovery.js';
import type { KubeTransport } from './kube-transport.js';
import type { ListWatch, RawWatchEvent } from './reflector.js';
import type { KubeResource } from '../ports/kube-port.js';

export interface KubeSelect {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /**
   * Ask for `metadata` alone, so that the values of Secrets never leave the cluster. A server that
   * cannot do that sends whole objects; whoever caches must drop the rest.
   */
  readonly metadataOnly?: boolean;
}

interface ListBody {
  readonly items?: readonly ApiObject[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

const METADATA = 'g=meta.k8s.io;v=v1';
const LIST_METADATA = `application/json;as=PartialObjectMetadataList;${METADATA},application/json`;
const WATCH_METADATA = `application/json;as=PartialObjectMetadata;${METADATA},application/json`;

/** Reads one kind of a cluster, in all namespaces. */
export function createKubeListWatch(
  transport: Pick<KubeTransport, 'request' | 'stream'>,
  resource: KubeResource,
  select: KubeSelect,
): ListWatch {
  const path = resourcePath(resource);
  const url = (query: Readonly<Record<string, string | undefined>>): string => {
    const params = new URLSearchParams();
    const { labelSelector, fieldSelector } = select;
    for (const [name, value] of Object.entries({ labelSelector, fieldSelector, ...query })) {
      if (value !== undefined) params.set(name, value);
    }
    return `${path}?${params.toString()}`;
  };

  return {
    list: async ({ signal, limit, continueToken }) => {
      const { statusCode, body } = await transport.request({
        method: 'GET',
        path: url({ limit: limit?.toString(), continue: continueToken }),
        signal,
        ...(select.metadataOnly === true && { accept: LIST_METADATA }),
      });
      if (statusCode !== 200) throw fromStatus(statusCode, body);
      const { items, metadata } = body as ListBody;
      return {
        items: items ?? [],
        resourceVersion: metadata?.resourceVersion ?? '',
        ...(metadata?.continue !== undefined &&
          metadata.continue !== '' && { continueToken: metadata.continue }),
      };
    },
    watch: ({ signal, resourceVersion, timeoutSeconds, idleTimeoutMs }) =>
      transport.stream(
        url({
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion,
          timeoutSeconds: String(timeoutSeconds),
        }),
        {
          signal,
          idleTimeoutMs,
          ...(select.metadataOnly === true && { accept: WATCH_METADATA }),
        },
      ) as AsyncIterable<RawWatchEvent>,
  };
}
