import type { Client } from '../client/index.js';
import { fromStatus } from '../sdk/api/errors.js';
import { resourceName } from '../sdk/api/kind.js';
import type { ApiObject } from '../sdk/api/object.js';
import { apiVersionOf, parseApiVersion } from '../sdk/api/object.js';
import { CliError, ExitCode } from './cli-error.js';
import { didYouMean } from './near-matches.js';

/** A kind as the server's discovery lists it. */
export interface DiscoveredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Objects of the kind have a status that somebody keeps. */
  readonly hasStatus: boolean;
}

interface AggregatedDiscovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: 'Namespaced' | 'Cluster';
        readonly singularResource: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
        readonly verbs: readonly string[];
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

const ACCEPT = 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';

/** Everything that the server serves, core group first. */
export async function discover(client: Client): Promise<DiscoveredKind[]> {
  const lists = await Promise.all(
    ['/api', '/apis'].map(async (path) => {
      const answer = await client.raw({ method: 'GET', path, headers: { accept: ACCEPT } });
      if (answer.statusCode >= 300) throw fromStatus(answer.statusCode, safeJson(answer.text));
      return JSON.parse(answer.text) as AggregatedDiscovery;
    }),
  );
  return lists.flatMap((list) =>
    list.items.flatMap((group) =>
      group.versions.flatMap((version) =>
        version.resources.map((resource) => ({
          group: group.metadata.name ?? '',
          version: version.version,
          kind: resource.responseKind.kind,
          plural: resource.resource,
          singular: resource.singularResource,
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
          namespaced: resource.scope === 'Namespaced',
          verbs: resource.verbs,
          hasStatus: resource.subresources?.some((one) => one.subresource === 'status') === true,
        })),
      ),
    ),
  );
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The kinds that a word names: plural, singular, kind, short name, any of them with its group, or a
 * category (several kinds).
 *
 * @throws CliError with the near matches.
 */
export function kindsNamed(kinds: readonly DiscoveredKind[], word: string): DiscoveredKind[] {
  const wanted = word.toLowerCase();
  const exact = kinds.filter((kind) => namesOf(kind).includes(wanted));
  if (exact.length > 0) return exact.slice(0, 1);
  const category = inPreferredVersion(kinds.filter((kind) => kind.categories.includes(wanted)));
  if (category.length > 0) return category;
  const candidates = kinds.flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]);
  throw new CliError(
    `the server has no resource type "${word}"${didYouMean(word, candidates) || '.'} "tptctl api-resources" lists them`,
    { exitCode: ExitCode.usage },
  );
}

/** Each kind once: the server lists the version that it prefers first. */
export function inPreferredVersion(kinds: readonly DiscoveredKind[]): DiscoveredKind[] {
  const first = new Map<string, DiscoveredKind>();
  for (const kind of kinds) {
    if (!first.has(resourceName(kind))) first.set(resourceName(kind), kind);
  }
  return [...first.values()];
}

/** The kind of an object. @throws CliError with the near matches. */
export function kindOfObject(kinds: readonly DiscoveredKind[], object: ApiObject): DiscoveredKind {
  const { group, version } = parseApiVersion(object.apiVersion);
  const exact = kinds.find(
    (kind) => kind.kind === object.kind && kind.group === group && kind.version === version,
  );
  if (exact !== undefined) return exact;
  const sameKind = kinds.filter((kind) => kind.kind === object.kind);
  if (sameKind.length > 0) {
    const versions = sameKind.map((kind) => apiVersionOf(kind)).join(' or ');
    throw new CliError(
      `the server has no ${object.kind} in apiVersion "${object.apiVersion}"; it has it in ${versions}`,
    );
  }
  throw new CliError(
    `the server has no kind "${object.kind}" in apiVersion "${object.apiVersion}"${didYouMean(
      object.kind,
      kinds.map((kind) => kind.kind),
    )}`,
  );
}

function namesOf(kind: DiscoveredKind): string[] {
  const plain = [kind.plural, kind.singular, kind.kind.toLowerCase(), ...kind.shortNames];
  return [...plain, ...plain.map((name) => resourceName({ plural: name, group: kind.group }))];
}
