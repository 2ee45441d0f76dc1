import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { badRequest } from '../api-errors.js';
import type { ViewKind } from '../resource/kind-view.js';
import { isStorableText } from '../schema/storable-text.js';

/** The object or collection that a path names. */
export interface ResourceTarget {
  readonly kind: KindDefinition;
  /** The kind that the path names, when it is another form of `kind`, under which objects are stored. */
  readonly view?: ViewKind;
  /** '' for cluster-scoped kinds and for all namespaces. */
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
  /** '' for the object itself. Whether the kind has it is not checked here. */
  readonly subresource: string;
  /** The path asks for a watch, as clients did before there was `?watch=`. */
  readonly isWatch?: true;
}

/** True for paths under which objects live: `/api/<version>/...` and `/apis/<group>/<version>/...`. */
export function isResourcePath(path: string): boolean {
  const segments = path.split('/');
  return (
    (segments[1] === 'api' && segments.length > 3) ||
    (segments[1] === 'apis' && segments.length > 4)
  );
}

/**
 * Reads a resource path by hand, as one route for every kind:
 * `<root>/[watch/][namespaces/<namespace>/]<plural>[/<name>[/<subresource>]]`. Undefined when it
 * names no registered kind, or a cluster-scoped one within a namespace.
 *
 * @throws ApiError BadRequest for broken percent-encoding, or NUL.
 */
export function parseResourcePath(
  registry: KindRegistry,
  path: string,
): ResourceTarget | undefined {
  const { group, version, isWatch, namespace, isScoped, plural, name, sub } = splitPath(path);
  const named = registry.find(group, version, plural);
  const kind = named?.viewOf === undefined ? named : registry.findResource(named.viewOf.resource);
  if (kind === undefined || (isScoped && (!kind.namespaced || namespace === ''))) return undefined;
  if (kind.namespaced && name !== '' && namespace === '') return undefined;
  if (isWatch && sub.length > 0) return undefined;
  return {
    kind,
    ...(named?.viewOf !== undefined && { view: named as ViewKind }),
    namespace: decodeSegment(namespace),
    name: decodeSegment(name),
    subresource: sub.map(decodeSegment).join('/'),
    ...(isWatch && { isWatch }),
  };
}

/** The group and plural that a resource path names, whether or not there is such a kind. */
export function resourceOfPath(path: string): { readonly group: string; readonly plural: string } {
  const { group, plural } = splitPath(path);
  return { group, plural };
}

function splitPath(path: string) {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  const [group, version, below] =
    segments[0] === 'api'
      ? ['', segments[1] ?? '', segments.slice(2)]
      : [segments[1] ?? '', segments[2] ?? '', segments.slice(3)];
  const isWatch = below[0] === 'watch' && below.length > 1;
  const rest = isWatch ? below.slice(1) : below;

  // `namespaces/<name>/status` is about the namespace, `namespaces/<name>/<plural>` within it.
  const isScoped =
    rest[0] === 'namespaces' && rest.length >= 3 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const [plural = '', name = '', ...sub] = isScoped ? rest.slice(2) : rest;
  const namespace = isScoped ? (rest[1] ?? '') : '';
  return { group, version, isWatch, namespace, isScoped, plural, name, sub };
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch (error) {
    throw badRequest(`"${segment}" in the path is not valid percent-encoding`, error);
  }
  if (!isStorableText(decoded)) throw badRequest(`"${segment}" in the path can be no name`);
  return decoded;
}
