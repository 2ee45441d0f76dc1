import type { KindDefinition, MovedField } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

const cache = new WeakMap<KindDefinition, Map<string, readonly MovedField[] | undefined>>();

/**
 * What stands elsewhere in `to` than in `from`, two versions of one kind: a chain of declared
 * conversions, each followed forwards or backwards. Undefined when no chain of declarations leads
 * from one to the other: then only their `apiVersion` differs.
 */
export function movesBetween(
  from: KindDefinition,
  to: KindDefinition,
  versions: readonly KindDefinition[],
): readonly MovedField[] | undefined {
  let known = cache.get(from);
  if (known === undefined) cache.set(from, (known = new Map()));
  // Other versions may be replaced while this one stays: their declarations are part of the key.
  const key = `${to.version} ${JSON.stringify(versions.map(({ version, conversion }) => [version, conversion]))}`;
  if (!known.has(key)) known.set(key, findMoves(from, to, versions));
  return known.get(key);
}

function findMoves(
  from: KindDefinition,
  to: KindDefinition,
  versions: readonly KindDefinition[],
): readonly MovedField[] | undefined {
  const reached = new Map<string, readonly MovedField[]>([[from.version, []]]);
  for (let queue = [from.version]; queue.length > 0;) {
    const [version, ...rest] = queue;
    queue = rest;
    const moves = reached.get(version ?? '') ?? [];
    if (version === to.version) return moves;
    for (const [next, step] of stepsFrom(version ?? '', versions)) {
      if (reached.has(next)) continue;
      reached.set(next, chained(moves, step));
      queue.push(next);
    }
  }
  return undefined;
}

function stepsFrom(
  version: string,
  versions: readonly KindDefinition[],
): [version: string, moved: readonly MovedField[]][] {
  return versions.flatMap((kind): [string, readonly MovedField[]][] => {
    const { conversion } = kind;
    if (conversion === undefined) return [];
    if (conversion.of === version) return [[kind.version, conversion.moved]];
    if (kind.version !== version) return [];
    return [[conversion.of, conversion.moved.map(({ from, to }) => ({ from: to, to: from }))]];
  });
}

/** The moves of one step after another. */
function chained(first: readonly MovedField[], second: readonly MovedField[]): MovedField[] {
  const after = first.map(({ from, to }) => ({ from, to: follow(to, second) }));
  const fresh = second.filter(({ from }) => !first.some(({ to }) => isWithin(from, to)));
  return [...after, ...fresh].filter(({ from, to }) => from !== to);
}

function follow(path: string, moves: readonly MovedField[]): string {
  const move = moves.find(({ from }) => isWithin(path, from));
  return move === undefined ? path : move.to + path.slice(move.from.length);
}

/** Where the field at `path` of one version stands in another. */
export function movedPath(path: string, moves: readonly MovedField[]): string {
  return follow(path, moves);
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}

/** @throws Error naming the version whose declaration makes no sense. */
export function checkConversions(versions: readonly KindDefinition[]): void {
  for (const { conversion, version, ...kind } of versions) {
    if (conversion === undefined) continue;
    const fault = conversionFault(conversion, versions);
    if (fault === undefined) continue;
    throw new Error(`conversion of ${resourceName(kind)} ${version}: ${fault}`);
  }
}

function conversionFault(
  { of, moved }: NonNullable<KindDefinition['conversion']>,
  versions: readonly KindDefinition[],
): string | undefined {
  if (!versions.some(({ version }) => version === of)) return `there is no version ${of}`;
  for (const end of ['from', 'to'] as const) {
    const paths = moved.map((move) => move[end]);
    const within = paths.find((path, i) =>
      paths.some((other, j) => i !== j && isWithin(path, other)),
    );
    if (within !== undefined) return `${within} is moved twice`;
    const root = paths.find((path) => path.split('.')[0] === 'metadata' || path === '');
    if (root !== undefined) return `"${root}" cannot be moved`;
  }
  return undefined;
}
