import type { KindDefinition } from '../../sdk/api/kind.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { servedGroups } from './served-groups.js';

const OBJECT_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;
const READ_VERBS = ['get', 'list', 'watch'] as const;
const REVIEW_VERBS = ['create'] as const;
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'] as const;

/** The verbs that objects of the kind take. */
export function verbsOf(kind: KindDefinition): readonly (typeof OBJECT_VERBS)[number][] {
  if (kind.isReview === true) return REVIEW_VERBS;
  return kind.hasNoObjects === true ? READ_VERBS : OBJECT_VERBS;
}

/** `GET /api`: the versions of the core group. */
export function coreVersions(registry: KindRegistry): object {
  const versions = versionsOf(registry, '');
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs: [] };
}

/** `GET /apis`: every group with its versions. */
export function groupList(registry: KindRegistry): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(registry).map((group) => groupOf(registry, group)),
  };
}

/** `GET /apis/<group>`; undefined when there is no such group. */
export function oneGroup(registry: KindRegistry, group: string): object | undefined {
  if (group === '' || !groupsOf(registry).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(registry, group) };
}

/** `GET /api/<version>` and `/apis/<group>/<version>`; undefined when nothing is there. */
export function resourceList(
  registry: KindRegistry,
  group: string,
  version: string,
): object | undefined {
  const kinds = kindsOf(registry, group, version);
  if (kinds.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: kinds.flatMap(resourcesOf),
  };
}

/**
 * Aggregated discovery (apidiscovery.k8s.io/v2): everything of the core group, or of all others, in
 * one answer, as JSON. The part of each kind is made once.
 */
export function aggregatedDiscovery(registry: KindRegistry, root: 'core' | 'groups'): string {
  const groups = root === 'core' ? [''] : groupsOf(registry);
  const items = groups.map((group) => {
    const metadata = JSON.stringify(group === '' ? {} : { name: group });
    const versions = versionsOf(registry, group).map((version) => {
      const resources = kindsOf(registry, group, version).map(aggregatedResource);
      return `{"version":${JSON.stringify(version)},"freshness":"Current","resources":[${resources.join(',')}]}`;
    });
    return `{"metadata":${metadata},"versions":[${versions.join(',')}]}`;
  });
  return `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[${items.join(',')}]}`;
}

/** All groups but the core one, in the order of registration. */
export function groupsOf(registry: KindRegistry): string[] {
  return [...servedGroups(registry).keys()].filter((group) => group !== '');
}

/** The served versions of a group, the preferred one first. */
export function versionsOf(registry: KindRegistry, group: string): string[] {
  return [...(servedGroups(registry).get(group)?.keys() ?? [])];
}

export function kindsOf(
  registry: KindRegistry,
  group: string,
  version: string,
): readonly KindDefinition[] {
  return servedGroups(registry).get(group)?.get(version) ?? [];
}

function groupOf(registry: KindRegistry, group: string): object {
  const versions = versionsOf(registry, group).map((version) => ({
    groupVersion: apiVersionOf({ group, version }),
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourcesOf(kind: KindDefinition): object[] {
  const base = { namespaced: kind.namespaced, kind: kind.kind };
  return [
    {
      name: kind.plural,
      singularName: kind.singular,
      ...base,
      verbs: verbsOf(kind),
      ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
      ...(kind.categories.length > 0 && { categories: kind.categories }),
    },
    ...(kind.status
      ? [{ name: `${kind.plural}/status`, singularName: '', ...base, verbs: SUBRESOURCE_VERBS }]
      : []),
    ...(hasFinalize(kind)
      ? [{ name: `${kind.plural}/finalize`, singularName: '', ...base, verbs: ['update'] }]
      : []),
    ...(kind.scale === undefined
      ? []
      : [
          {
            name: `${kind.plural}/scale`,
            singularName: '',
            namespaced: kind.namespaced,
            group: 'autoscaling',
            version: 'v1',
            kind: 'Scale',
            verbs: SUBRESOURCE_VERBS,
          },
        ]),
  ];
}

/** Namespaces alone end by a subresource of their own. */
export function hasFinalize(kind: KindDefinition): boolean {
  return kind.group === '' && kind.kind === 'Namespace';
}

const aggregatedResources = new WeakMap<KindDefinition, string>();

function aggregatedResource(kind: KindDefinition): string {
  let json = aggregatedResources.get(kind);
  if (json === undefined) {
    json = JSON.stringify(aggregatedResourceOf(kind));
    aggregatedResources.set(kind, json);
  }
  return json;
}

function aggregatedResourceOf(kind: KindDefinition): object {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind };
  const subresources = [
    ...(kind.status ? [{ subresource: 'status', responseKind, verbs: SUBRESOURCE_VERBS }] : []),
    ...(hasFinalize(kind) ? [{ subresource: 'finalize', responseKind, verbs: ['update'] }] : []),
    ...(kind.scale === undefined
      ? []
      : [
          {
            subresource: 'scale',
            responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
            verbs: SUBRESOURCE_VERBS,
          },
        ]),
  ];
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}
