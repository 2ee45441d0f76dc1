import type { ApiObject } from '../../sdk/api/object.js';

/**
 * Fills in what identifies the ports of a Service: server-side apply merges them by port and
 * protocol, and clusters before v1.21 refuse those without a protocol instead of taking TCP.
 */
export function withListKeyDefaults(manifest: ApiObject): ApiObject {
  const spec = manifest.spec as { readonly ports?: unknown } | null | undefined;
  if (manifest.apiVersion !== 'v1' || manifest.kind !== 'Service') return manifest;
  if (!Array.isArray(spec?.ports)) return manifest;
  return { ...manifest, spec: { ...spec, ports: spec.ports.map(withProtocol) } };
}

function withProtocol(port: unknown): unknown {
  return typeof port === 'object' && port !== null ? { protocol: 'TCP', ...port } : port;
}
