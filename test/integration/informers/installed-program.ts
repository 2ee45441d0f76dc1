import { execFile } from 'node:child_process';

const LIMIT_MS = 30_000;

/**
 * The first of these programs that ends well with these arguments; undefined when none does. Debian's
 * packages for a language are for Debian's own interpreter, which need not be the first on the PATH.
 */
export async function firstThatRuns(
  programs: readonly string[],
  args: readonly string[],
): Promise<string | undefined> {
  for (const program of programs) {
    const isThere = await new Promise<boolean>((resolve) => {
      execFile(program, [...args], { timeout: LIMIT_MS }, (error) => resolve(error === null));
    });
    if (isThere) return program;
  }
  return undefined;
}
