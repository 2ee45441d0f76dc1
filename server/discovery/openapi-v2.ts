import type { KindRegistry } from '../../sdk/api/registry.js';
import { componentsOf } from './openapi-schema.js';

/** `GET /openapi/v2`: the schemas of all kinds in one Swagger document, as JSON text. */
export function openApiV2Document(registry: KindRegistry, version: string): string {
  return JSON.stringify({
    swagger: '2.0',
    info: { title: 'Threeport', version },
    paths: {},
    definitions: componentsOf(registry.served(), '#/definitions/'),
  });
}
