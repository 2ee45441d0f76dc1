import type { KindDefinition } from '../../sdk/api/kind.js';
import { GENERATED_HEADER } from './header.js';

/** `sdk/api/zz_generated.kinds.ts`: the registry as data. */
export function emitKinds(kinds: readonly KindDefinition[]): string {
  const names = kinds.map((kind) => `${lowerFirst(kind.kind)}Kind`);
  return [
    GENERATED_HEADER,
    "import type { KindDefinition } from './kind.js';",
    '',
    ...kinds.map(
      (kind, i) => `export const ${names[i]}: KindDefinition = ${JSON.stringify(kind, null, 2)};\n`,
    ),
    '/** Every kind that Threeport serves. */',
    `export const kinds: readonly KindDefinition[] = [${names.join(', ')}];`,
    '',
  ].join('\n');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
