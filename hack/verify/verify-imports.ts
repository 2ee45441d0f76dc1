import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { anyPackageIn, environmentReaders, folderRules, packageOwners } from './import-rules.js';

/** One file of the repository, by its path below the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;
const SOURCE_FOLDERS = [...new Set(folderRules.map((rule) => rule.folder.split('/')[0] ?? ''))];

/** What breaks the rules of import-rules.ts, one line each; empty when nothing does. */
export function findViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...importsOf(file).flatMap((specifier) => checkImport(file.path, specifier)),
    ...checkEnvironment(file),
  ]);
}

function importsOf(file: SourceFile): string[] {
  return [...file.text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function checkImport(path: string, specifier: string): string[] {
  if (specifier.startsWith('node:')) {
    return isIn(path, 'sdk/api') && !isTest(path)
      ? [`${path}: sdk/api imports nothing, not even ${specifier}`]
      : [];
  }
  return specifier.startsWith('.') ? checkFile(path, specifier) : checkPackage(path, specifier);
}

function checkFile(path: string, specifier: string): string[] {
  const target = normalize(join(dirname(path), specifier)).replace(/\.(js|json)$/, '');
  const rule = ruleFor(path);
  if (isTest(path)) return [];
  if (rule === undefined) return [`${path}: has no rule in hack/verify/import-rules.ts`];
  const sameReconcilerDomain = domainOf(path) === domainOf(target);
  if (!sameReconcilerDomain && domainOf(path) !== undefined && domainOf(target) !== undefined) {
    return [`${path}: a domain never imports another (${target})`];
  }
  const allowed = [rule.folder, ...rule.may].some(
    (folder) => folder === '' || isIn(target, folder),
  );
  return allowed ? [] : [`${path}: ${rule.folder} may not import ${target}`];
}

function checkPackage(path: string, specifier: string): string[] {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (isTest(path) || anyPackageIn.some((folder) => isIn(path, folder))) return [];
  const owners = packageOwners[name];
  if (owners === undefined)
    return [`${path}: package ${name} has no owner in hack/verify/import-rules.ts`];
  return owners.some((folder) => isIn(path, folder))
    ? []
    : [`${path}: package ${name} belongs to ${owners.join(', ')}`];
}

function checkEnvironment(file: SourceFile): string[] {
  const reads = /\bprocess\.env\b/.test(file.text);
  const may = isTest(file.path) || environmentReaders.some((pattern) => pattern.test(file.path));
  return reads && !may ? [`${file.path}: the environment is read in config.ts only`] : [];
}

/** The folder below `reconcilers/` that a file is in: a domain. */
function domainOf(path: string): string | undefined {
  const parts = path.split('/');
  return parts[0] === 'reconcilers' && parts.length > 2 ? parts[1] : undefined;
}

function ruleFor(path: string): (typeof folderRules)[number] | undefined {
  return folderRules
    .filter((rule) => isIn(path, rule.folder))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}.`);
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('-suite.ts');
}

/** Every TypeScript source below the root, generated files included. */
export async function readSources(root: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of SOURCE_FOLDERS) {
    const entries = await readdir(join(root, folder), {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      files.push({ path: relative(root, path), text: await readFile(path, 'utf8') });
    }
  }
  return files;
}
