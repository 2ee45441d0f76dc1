import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { globalFinding } from './global-rules.js';
import { loadedBy, packageFinding } from './import-finding.js';
import { namesAtTop, stateFinding } from './state-rules.js';
import { parseModule, placesIn, type SyntaxNode } from './syntax.js';

/** One way around the ports. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface VerifyOptions {
  /** Packages that compute and no more, as they are imported. */
  readonly allow?: readonly string[];
  /** Files that are known to be good, and are not followed. */
  readonly isTrusted?: (file: string) => boolean;
}

/**
 * Reads reconcilers (files, or folders without their tests) and what they import, and tells every way
 * by which they could reach the world but by `ctx`, or keep something from one attempt to the next.
 * Code that hides what it does on purpose may get by; the simulation sees most of that.
 *
 * @throws Error when a path is not there.
 */
export async function verifyReconcilers(
  paths: readonly string[],
  options: VerifyOptions = {},
): Promise<{ readonly files: readonly string[]; readonly findings: readonly Finding[] }> {
  const open = (await Promise.all(paths.map(sourcesIn))).flat();
  const findings: Finding[] = [];
  const files = new Set<string>();
  for (let file = open.shift(); file !== undefined; file = open.shift()) {
    if (files.has(file)) continue;
    files.add(file);
    const { found, imports } = verifySource(await readFile(file, 'utf8'), options);
    for (const { line, message } of found) findings.push({ file, line, message });
    for (const { specifier, line } of imports) {
      const target = await resolveFile(join(dirname(file), specifier));
      if (target === undefined) {
        findings.push({ file, line, message: `${specifier} is not there to be looked at` });
      } else if (!target.endsWith('.json') && options.isTrusted?.(target) !== true) {
        open.push(target);
      }
    }
  }
  return { files: [...files], findings };
}

/** `file:line: message`, the file from here. */
export function formatFinding({ file, line, message }: Finding): string {
  return `${relative('.', file)}:${line}: ${message}`;
}

interface VerifiedSource {
  readonly found: readonly Omit<Finding, 'file'>[];
  /** Of its neighbours. */
  readonly imports: readonly { readonly specifier: string; readonly line: number }[];
}

/** The same for the text of one module alone. */
export function verifySource(text: string, { allow = [] }: VerifyOptions = {}): VerifiedSource {
  let program: SyntaxNode;
  try {
    program = parseModule(text);
  } catch (error) {
    const { loc, message } = error as { loc?: { line: number }; message: string };
    return { found: [{ line: loc?.line ?? 1, message }], imports: [] };
  }
  const found: Omit<Finding, 'file'>[] = [];
  const imports: { specifier: string; line: number }[] = [];
  const top = namesAtTop(program);
  const allowed = new Set(allow);
  for (const place of placesIn(program)) {
    const line = place.node.loc?.start.line ?? 1;
    const loaded = loadedBy(place.node);
    if (loaded !== undefined && /^\.{1,2}\//.test(loaded.specifier)) {
      imports.push({ specifier: loaded.specifier, line });
    }
    const messages = [
      loaded !== undefined && !loaded.specifier.startsWith('.')
        ? packageFinding(loaded, allowed)
        : undefined,
      globalFinding(place),
      stateFinding(place, top),
    ];
    for (const message of messages) if (message !== undefined) found.push({ line, message });
  }
  return { found, imports };
}

async function sourcesIn(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`${path} is not there`);
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => /\.[cm]?[jt]s$/.test(name) && !/(\.test|\.d)\.[cm]?[jt]s$/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .toSorted();
}

/** As TypeScript does: what is imported as `.js` may stand there as `.ts`. */
async function resolveFile(path: string): Promise<string | undefined> {
  const asSource = path.replace(/\.([cm]?)js$/, '.$1ts');
  for (const candidate of [asSource, path, `${path}.ts`, `${path}.js`]) {
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate;
  }
  return undefined;
}
