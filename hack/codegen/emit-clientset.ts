import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { GENERATED_HEADER } from './header.js';

/** `client/zz_generated.clientset.ts`: a typed accessor per kind over the one client. */
export function emitClientset(kinds: readonly KindDefinition[]): string {
  const types = kinds.map((kind) => kind.kind).toSorted();
  const accessors = kinds.map((kind) => ({ name: accessorName(kind), kind }));
  return [
    GENERATED_HEADER,
    `import type { ${types.join(', ')} } from '../sdk/api/zz_generated.types.js';`,
    "import type { Client } from './client-types.js';",
    "import type { ResourceClient } from './resource-client.js';",
    "import { resourceClient } from './resource-client.js';",
    '',
    "/** Every kind of Threeport's, typed. */",
    'export interface Clientset {',
    ...accessors.map(({ name, kind }) => `  readonly ${name}: ResourceClient<${kind.kind}>;`),
    '}',
    '',
    "/** Does no I/O; the client stays its owner's to close. */",
    'export function createClientset(client: Client): Clientset {',
    '  return {',
    ...accessors.map(
      ({ name, kind }) => `    ${name}: resourceClient(client, '${resourceName(kind)}'),`,
    ),
    '  };',
    '}',
    '',
  ].join('\n');
}

/** The kind in the plural, in camel case: WorkloadInstance → workloadInstances. */
function accessorName(kind: KindDefinition): string {
  const suffix = kind.plural.slice(sharedLength(kind.plural, kind.kind.toLowerCase()));
  const stem = kind.kind.slice(0, sharedLength(kind.plural, kind.kind.toLowerCase()));
  return stem.charAt(0).toLowerCase() + stem.slice(1) + suffix;
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
