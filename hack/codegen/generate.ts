import { format, resolveConfig } from 'prettier';
import { isStorageVersion, isStored } from '../../sdk/api/kind.js';
import { emitClientset } from './emit-clientset.js';
import { emitKinds } from './emit-kinds.js';
import { emitOpenApi } from './emit-openapi.js';
import { emitTables } from './emit-tables.js';
import { emitTypes } from './emit-types.js';
import { kindsOf } from './kind-model.js';
import { loadSchemaFolder } from './load-schemas.js';

/**
 * Everything that a folder of schemas says, as files: path below the repository → content.
 * Deterministic. Writes nothing.
 */
export async function generate(schemaFolder: string): Promise<ReadonlyMap<string, string>> {
  const folder = await loadSchemaFolder(schemaFolder);
  const kinds = kindsOf(folder);
  const stored = kinds.filter((kind) => isStored(kind) && isStorageVersion(kind));
  const files = new Map<string, string>([
    ['client/zz_generated.clientset.ts', emitClientset(stored)],
    ['docs/zz_generated.openapi.json', emitOpenApi(kinds)],
    ['server/store/sql/zz_generated.tables.ts', emitTables(stored)],
    ['sdk/api/zz_generated.kinds.ts', emitKinds(kinds)],
    ['sdk/api/zz_generated.types.ts', await emitTypes(folder, kinds)],
  ]);
  const config = await resolveConfig('package.json');
  for (const [path, content] of files) {
    files.set(path, await format(content, { ...config, filepath: path }));
  }
  return files;
}
