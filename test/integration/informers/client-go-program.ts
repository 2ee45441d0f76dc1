import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstThatRuns } from './installed-program.js';

const run = promisify(execFile);
const SOURCE = join('test', 'integration', 'informers', 'client-go', 'main.go');
/** Where Debian's golang-k8s-client-go-dev puts its own. */
const LIBRARIES = '/usr/share/gocode';
const BUILD_TIMEOUT_MS = 900_000;

export const NO_CLIENT_GO = `no go here, or no k8s.io/client-go in ${LIBRARIES}; nor is CLIENT_GO_PROGRAM set`;

/**
 * The program in client-go/main.go, built into `folder`, which takes minutes the first time, or the
 * one that CLIENT_GO_PROGRAM names. Undefined where it cannot be built.
 */
export async function clientGoProgram(folder: string): Promise<string | undefined> {
  const built = process.env['CLIENT_GO_PROGRAM'];
  if (built !== undefined) return built;
  const go = await firstThatRuns(['go'], ['version']);
  if (go === undefined || !existsSync(join(LIBRARIES, 'src/k8s.io/client-go'))) return undefined;
  const program = join(folder, 'client-go');
  await run(go, ['build', '-o', program, SOURCE], {
    env: { ...process.env, GOPATH: LIBRARIES, GO111MODULE: 'off' },
    timeout: BUILD_TIMEOUT_MS,
  });
  return program;
}
