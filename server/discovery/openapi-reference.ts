import type { JsonSchema } from '../../sdk/api/kind.js';

/** Name under which ObjectMeta stands among the components: the one that clients know. */
export const OBJECT_META_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Where components stand, which differs between OpenAPI v2 and v3. */
export type ComponentRoot = '#/definitions/' | '#/components/schemas/';

/** In OpenAPI v3 nothing may stand beside a reference; readers of v2 know no `allOf`. */
export function referenceTo(name: string, root: ComponentRoot, description: string): JsonSchema {
  const reference = { $ref: `${root}${name}` };
  return root === '#/definitions/'
    ? { description, ...reference }
    : { description, allOf: [reference] };
}
