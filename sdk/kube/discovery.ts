import { fromStatus } from '../api/errors.js';
import { parseApiVersion } from '../api/object.js';
import type { KubeResource } from '../ports/kube-port.js';
import type { KubeTransport } from './kube-transport.js';

/** Which kinds a cluster serves. Every method throws ApiError as KubeTransport does. */
export interface Discovery {
  /**
   * Looks a kind up. Answers from the cache; when the kind is not in it, its group version is read
   * again, at most once in two seconds. Undefined when the cluster does not know the kind.
   */
  resource(apiVersion: string, kind: string): Promise<KubeResource | undefined>;
  /** The kinds of one group version, cached; empty when the cluster does not know it. */
  resources(apiVersion: string): Promise<readonly KubeResource[]>;
  /** Every group version that is served, `v1` first, the rest as the cluster orders them. Not cached. */
  groupVersions(): Promise<readonly string[]>;
}

const REFRESH_INTERVAL_MS = 2_000;

interface CachedGroupVersion {
  readonly readAtMs: number;
  readonly resources: Promise<readonly KubeResource[]>;
}

/** Discovery through the transport, one request per group version when it is first asked for. */
export function createDiscovery(transport: KubeTransport): Discovery {
  const cache = new Map<string, CachedGroupVersion>();

  const read = (apiVersion: string): CachedGroupVersion => {
    const entry = {
      readAtMs: performance.now(),
      resources: readGroupVersion(transport, apiVersion),
    };
    cache.set(apiVersion, entry);
    entry.resources.catch(() => {
      if (cache.get(apiVersion) === entry) cache.delete(apiVersion);
    });
    return entry;
  };

  const resources = (apiVersion: string): Promise<readonly KubeResource[]> =>
    (cache.get(apiVersion) ?? read(apiVersion)).resources;

  return {
    resource: async (apiVersion, kind) => {
      const found = byKind(await resources(apiVersion), kind);
      if (found !== undefined) return found;
      const cached = cache.get(apiVersion);
      if (cached !== undefined && performance.now() - cached.readAtMs < REFRESH_INTERVAL_MS) {
        return byKind(await cached.resources, kind);
      }
      return byKind(await read(apiVersion).resources, kind);
    },
    resources,
    groupVersions: () => readGroupVersions(transport),
  };
}

/** Path of a group version: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  const { group, version } = parseApiVersion(apiVersion);
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/**
 * Path of a kind's collection, or of one object in it. `namespace` is left out for cluster-scoped
 * kinds, and for all namespaces.
 */
export function resourcePath(
  resource: KubeResource,
  key: { readonly namespace?: string; readonly name?: string } = {},
): string {
  const inNamespace = resource.namespaced && key.namespace !== undefined && key.namespace !== '';
  return [
    groupVersionPath(resource.apiVersion),
    ...(inNamespace ? ['namespaces', encodeURIComponent(key.namespace)] : []),
    resource.plural,
    ...(key.name === undefined ? [] : [encodeURIComponent(key.name)]),
  ].join('/');
}

function byKind(resources: readonly KubeResource[], kind: string): KubeResource | undefined {
  return resources.find((resource) => resource.kind === kind);
}

async function readGroupVersion(
  transport: KubeTransport,
  apiVersion: string,
): Promise<readonly KubeResource[]> {
  const body = await get(transport, groupVersionPath(apiVersion));
  return listField(body, 'resources')
    .filter((entry) => typeof entry['name'] === 'string' && !entry['name'].includes('/'))
    .map((entry) => ({
      apiVersion,
      kind: String(entry['kind']),
      plural: String(entry['name']),
      namespaced: entry['namespaced'] === true,
    }));
}

async function readGroupVersions(transport: KubeTransport): Promise<readonly string[]> {
  const [core, named] = await Promise.all([get(transport, '/api'), get(transport, '/apis')]);
  const coreVersions = (core?.['versions'] as readonly string[] | undefined) ?? [];
  const groupVersions = listField(named, 'groups').flatMap((group) =>
    listField(group, 'versions').map((version) => String(version['groupVersion'])),
  );
  return [...coreVersions, ...groupVersions];
}

type Fields = Readonly<Record<string, unknown>>;

/** The JSON body; undefined when the path is not served. */
async function get(transport: KubeTransport, path: string): Promise<Fields | undefined> {
  const { statusCode, body } = await transport.request({ method: 'GET', path });
  if (statusCode === 404) return undefined;
  if (statusCode < 200 || statusCode > 299) throw fromStatus(statusCode, body);
  return body as Fields;
}

function listField(fields: Fields | undefined, name: string): readonly Fields[] {
  return (fields?.[name] as readonly Fields[] | undefined) ?? [];
}
