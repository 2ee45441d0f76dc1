import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { compareVersions } from '../../sdk/api/version-order.js';

/** Group, then version (the preferred one first), then the kinds that are served there. */
type ServedGroups = ReadonlyMap<string, ReadonlyMap<string, readonly KindDefinition[]>>;

const cache = new WeakMap<KindRegistry, { revision: number; groups: ServedGroups }>();

/** What the registry serves, in order; sorted once for each state of the registry. */
export function servedGroups(registry: KindRegistry): ServedGroups {
  const known = cache.get(registry);
  if (known?.revision === registry.revision) return known.groups;
  const groups = new Map<string, Map<string, KindDefinition[]>>();
  for (const kind of registry.served()) {
    let versions = groups.get(kind.group);
    if (versions === undefined) groups.set(kind.group, (versions = new Map()));
    const kinds = versions.get(kind.version);
    if (kinds === undefined) versions.set(kind.version, [kind]);
    else kinds.push(kind);
  }
  for (const [group, versions] of groups) {
    groups.set(
      group,
      new Map([...versions].toSorted(([left], [right]) => compareVersions(left, right))),
    );
  }
  cache.set(registry, { revision: registry.revision, groups });
  return groups;
}
