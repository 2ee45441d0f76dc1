import type { KindDefinition } from '../../sdk/api/kind.js';
import { isStorageVersion, isStored } from '../../sdk/api/kind.js';
import { GENERATED_HEADER } from './header.js';

/** `sdk/api/zz_generated.kinds.ts`: the registry as data. */
export function emitKinds(kinds: readonly KindDefinition[]): string {
  const names = kinds.map((kind) => `${lowerFirst(kind.kind)}${suffixOf(kind)}Kind`);
  const namesOf = (stored: boolean): string =>
    names.filter((_, i) => kinds[i] !== undefined && isStored(kinds[i]) === stored).join(', ');
  return [
    GENERATED_HEADER,
    "import type { KindDefinition } from './kind.js';",
    '',
    ...kinds.map(
      (kind, i) => `export const ${names[i]}: KindDefinition = ${JSON.stringify(kind, null, 2)};\n`,
    ),
    '/** Every kind that Threeport has objects of, in every version. */',
    `export const kinds: readonly KindDefinition[] = [${namesOf(true)}];`,
    '',
    '/** Kinds without objects of their own: other forms of those above, and questions. */',
    `export const virtualKinds: readonly KindDefinition[] = [${namesOf(false)}];`,
    '',
  ].join('\n');
}

/** The name alone is that of the version in which objects are stored. */
function suffixOf(kind: KindDefinition): string {
  if (kind.viewOf !== undefined) return 'View';
  return isStorageVersion(kind) ? '' : upperFirst(kind.version);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
