import type { SyntaxNode } from './syntax.js';

/** What is the same at every run, of modules that have more. */
const NAMES_ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'createHmac', 'timingSafeEqual'],
  'node:util': ['isDeepStrictEqual'],
  'threeport/sdk': [
    'ApiError',
    'LeaseLostError',
    'ReconcileError',
    'TerminalError',
    'controllerOf',
    'done',
    'ensureGone',
    'ensureObject',
    'errorChain',
    'findCondition',
    'findRuntime',
    'isAlreadyExists',
    'isApiError',
    'isBeingDeleted',
    'isConditionTrue',
    'isConflict',
    'isNotFound',
    'requeueAfter',
    'sameButForServerFields',
    'waitingFor',
  ],
};

/** A module that a statement loads at run time. */
export interface LoadedModule {
  readonly specifier: string;
  /** The names taken from it; `*` for all of them. */
  readonly names: readonly string[];
}

/** What an import or a re-export loads; undefined when it loads nothing. */
export function loadedBy(statement: SyntaxNode): LoadedModule | undefined {
  const source = statement['source'] as { readonly value: string } | null | undefined;
  if (source === null || source === undefined || !/^(Import|Export)/.test(statement.type)) {
    return undefined;
  }
  if (statement['importKind'] === 'type' || statement['exportKind'] === 'type') return undefined;
  const specifiers = (statement['specifiers'] ?? []) as SyntaxNode[];
  const values = specifiers.filter(
    (each) => each['importKind'] !== 'type' && each['exportKind'] !== 'type',
  );
  // What names types alone is not there at run time.
  if (specifiers.length > 0 && values.length === 0) return undefined;
  const names = values.map((each) => {
    const name = (each['imported'] ??
      (statement.type.startsWith('Export') ? each['local'] : null)) as SyntaxNode | null;
    if (each.type === 'ImportDefaultSpecifier') return 'default';
    return name === null ? '*' : String(name['name'] ?? name['value']);
  });
  return {
    specifier: source.value,
    names: statement.type === 'ExportAllDeclaration' ? ['*'] : names,
  };
}

/** What is wrong with loading a module that is not a file of the author's; undefined: nothing. */
export function packageFinding(
  { specifier, names }: LoadedModule,
  allowed: ReadonlySet<string>,
): string | undefined {
  if (allowed.has(specifier)) return undefined;
  const pure = Object.hasOwn(NAMES_ALLOWED, specifier) ? NAMES_ALLOWED[specifier] : undefined;
  if (pure === undefined) {
    return `${specifier} may reach anything: use a port of ctx, or allow it when it computes and no more`;
  }
  if (names.length === 0) return `${specifier} is loaded for its effects: name what is used of it`;
  const refused = names.filter((name) => !pure.includes(name));
  if (refused.length === 0) return undefined;
  return `${refused.join(', ')} of ${specifier} is not for reconcilers: of it they use what only computes`;
}
