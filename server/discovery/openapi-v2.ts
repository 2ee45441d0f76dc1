import type { KindRegistry } from '../../sdk/api/registry.js';
import { componentsOf } from './openapi-schema.js';
import { swaggerPathsOf } from './openapi-v2-paths.js';
import type { SwaggerDocument } from './openapi-v2-protobuf.js';

/** The paths and schemas of all kinds in one Swagger document. */
export function swaggerDocument(registry: KindRegistry, version: string): SwaggerDocument {
  const document = {
    swagger: '2.0',
    info: { title: 'Threeport', version },
    paths: Object.assign({}, ...registry.served().map(swaggerPathsOf)) as SwaggerDocument['paths'],
    definitions: componentsOf(registry.served(), '#/definitions/'),
  };
  return document;
}
