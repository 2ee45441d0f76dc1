import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { OpenApiV3 } from '../../server/discovery/openapi-v3.js';

interface Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/**
 * `docs/zz_generated.openapi.json`: the documents that the server serves per group, as one OpenAPI
 * v3 document for readers and tools.
 */
export function emitOpenApi(kinds: readonly KindDefinition[]): string {
  const documents = new OpenApiV3(new KindRegistry(kinds), 'v1alpha1')
    .documents()
    .map(({ json }) => JSON.parse(json) as Document);
  return JSON.stringify({
    openapi: '3.0.0',
    info: { title: 'Threeport', version: 'v1alpha1' },
    paths: Object.assign({}, ...documents.map(({ paths }) => paths)) as object,
    components: {
      schemas: Object.assign(
        {},
        ...documents.map(({ components }) => components.schemas),
      ) as object,
    },
  });
}
