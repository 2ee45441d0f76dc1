import type { ApiObject } from '../../sdk/api/object.js';
import type { MetaVersion } from './meta-version.js';

/** The object reduced to its metadata (a PartialObjectMetadata), as JSON text. */
export function partialMetadata({ metadata }: ApiObject, apiVersion: MetaVersion): string {
  return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion, metadata });
}
