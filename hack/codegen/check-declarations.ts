import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

/** A kind and the file that declares it, as a path below the schema folder. */
export interface Declaration {
  readonly path: string;
  readonly kind: KindDefinition;
}

const CORE_FOLDER = 'core';

/**
 * What one file of a schema folder must not say beside the others: a group or version that is not
 * its folder's, a name that another file has, a reference to a kind that no file declares. A file
 * that is not in a `<group>/<version>/` folder may have any group and version.
 *
 * @throws Error whose message names the file, and whose cause the keyword and what is wanted.
 */
export function checkDeclarations(declarations: readonly Declaration[]): void {
  const takenBy = new Map<string, Declaration>();
  for (const declaration of declarations) {
    naming(declaration.path, () => {
      checkFolder(declaration);
      // A view goes by the names of what it shows: that is the point of it.
      if (declaration.kind.viewOf === undefined) checkNames(declaration, takenBy);
      checkReferences(declaration, declarations);
    });
  }
}

/** Runs `check`; what it throws becomes the cause of an error that names the file. */
export function naming<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new Error(`schema ${path} cannot be used`, { cause });
  }
}

function checkFolder({ path, kind }: Declaration): void {
  const [groupFolder, version, file] = path.split(/[\\/]/);
  if (groupFolder === undefined || version === undefined || file === undefined) return;
  const group = groupFolder === CORE_FOLDER ? '' : groupFolder;
  if (kind.group !== group) {
    throw new Error(
      `x-threeport.group is "${kind.group}"; want "${group}", as the folder ${groupFolder} says`,
    );
  }
  if (kind.version !== version) {
    throw new Error(
      `x-threeport.version is "${kind.version}"; want "${version}", as the folder ${groupFolder}/${version} says`,
    );
  }
}

function checkNames(declaration: Declaration, takenBy: Map<string, Declaration>): void {
  const { kind } = declaration;
  const names: [keyword: string, name: string][] = [
    ['plural', kind.plural],
    ['singular', kind.singular],
    ...kind.shortNames.map((name): [string, string] => ['shortNames', name]),
  ];
  for (const [keyword, name] of names) {
    const other = takenBy.get(name);
    if (other !== undefined && !areVersions(declaration, other)) {
      throw new Error(
        `x-threeport.${keyword} "${name}" is taken by ${other.path}; want a name that no other kind has`,
      );
    }
    takenBy.set(name, declaration);
  }
}

/** The same file, or another version of the same kind. */
function areVersions(one: Declaration, other: Declaration): boolean {
  if (one === other) return true;
  return (
    resourceName(one.kind) === resourceName(other.kind) &&
    one.kind.kind === other.kind.kind &&
    one.kind.version !== other.kind.version
  );
}

function checkReferences({ kind }: Declaration, declarations: readonly Declaration[]): void {
  for (const { path, group, kind: target } of [...kind.references, ...(kind.selectors ?? [])]) {
    const isDeclared = declarations.some(
      (other) => other.kind.group === group && other.kind.kind === target,
    );
    if (isDeclared) continue;
    const known = declarations.map((other) => qualified(other.kind.group, other.kind.kind));
    throw new Error(
      `x-ref of ${path} names ${qualified(group, target)}, which no schema declares; want one of ${known.join(', ')}`,
    );
  }
}

function qualified(group: string, kind: string): string {
  return group === '' ? kind : `${kind}.${group}`;
}
