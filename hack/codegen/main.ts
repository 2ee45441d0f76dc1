import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorChain } from '../../sdk/error-chain.js';
import { generate } from './generate.js';

/**
 * `make generate` writes what the schemas say; `--check` only compares, names the files that
 * differ and exits 1: CI runs it.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schemas: { type: 'string', default: 'api-schemas' },
      out: { type: 'string', default: '.' },
      check: { type: 'boolean', default: false },
    },
  });
  const files = await generate(values.schemas);
  let stale = 0;
  for (const [path, content] of files) {
    const target = join(values.out, path);
    const current = await readFile(target, 'utf8').catch(() => undefined);
    if (current === content) continue;
    if (values.check) {
      stale++;
      console.error(`${target} is not what api-schemas/ says: run \`make generate\``);
    } else {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
      console.log(`wrote ${target}`);
    }
  }
  return stale === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`codegen: ${errorChain(error)}`);
    process.exit(1);
  },
);
