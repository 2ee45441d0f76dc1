import type { ApiObject } from '../../sdk/api/object.js';

/** The object reduced to its metadata (meta.k8s.io/v1 PartialObjectMetadata), as JSON text. */
export function partialMetadata({ metadata }: ApiObject): string {
  return JSON.stringify({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
  });
}
