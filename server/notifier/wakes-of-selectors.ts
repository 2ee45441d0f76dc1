import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { Labels } from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { changeOf, type Change, type WakeSet } from './wake-set.js';

/** One object and all that became of it in a part of the log. */
interface Selected {
  readonly first: Revision;
  readonly changes: Change[];
  /** As each change left them. */
  readonly labels: Labels[];
}

/**
 * Adds those whose selector selects what changed, or did before: by the labels that it had and those
 * that it has. Objects of a kind that none selects cost nothing.
 */
export async function addSelecting(
  wakes: WakeSet,
  registry: KindRegistry,
  store: Pick<ObjectStore, 'selectorsOf' | 'stateBefore'>,
  revisions: readonly Revision[],
): Promise<void> {
  const kinds = kindsSelected(registry);
  if (kinds.size === 0) return;
  const selected = new Map<string, Selected>();
  for (const revision of revisions) {
    const { object } = revision;
    if (!kinds.has(object.resource)) continue;
    const known: Selected = selected.get(object.uid) ?? {
      first: revision,
      changes: [],
      labels: [],
    };
    known.changes.push(changeOf(revision));
    known.labels.push(labelsOf(object));
    selected.set(object.uid, known);
  }
  await Promise.all(
    [...selected.values()].map(async ({ first, changes, labels }) => {
      const { resource, namespace, uid: own } = first.object;
      const before = await labelsBefore(store, first);
      const among = { namespace, ...(before !== 'unknown' && { labels: [...before, ...labels] }) };
      for (const stored of await store.selectorsOf(registry.resource(resource), among)) {
        // Who selects itself is due by its own change, or made it.
        if (stored.uid === own || !isReconciled(registry.findResource(stored.resource))) continue;
        for (const { by, cause } of changes) wakes.add(stored.resource, stored.uid, by, cause);
      }
    }),
  );
}

async function labelsBefore(
  store: Pick<ObjectStore, 'stateBefore'>,
  { type, resourceVersion }: Revision,
): Promise<readonly Labels[] | 'unknown'> {
  // A deletion shows the object as it was.
  if (type !== 'MODIFIED') return [];
  const before = await store.stateBefore(resourceVersion);
  return before === undefined ? 'unknown' : [labelsOf(before)];
}

function labelsOf({ json }: StoredObject): Labels {
  return (JSON.parse(json) as ApiObject).metadata.labels ?? {};
}

/** Resource names of the kinds from which a reconciled kind selects. */
function kindsSelected(registry: KindRegistry): ReadonlySet<string> {
  const resources = new Set<string>();
  for (const kind of registry.list()) {
    for (const selector of isReconciled(kind) ? (kind.selectors ?? []) : []) {
      const target = registry.findKind(selector.group, selector.kind);
      if (target !== undefined) resources.add(resourceName(target));
    }
  }
  return resources;
}

function isReconciled(kind: KindDefinition | undefined): boolean {
  return kind?.reconciled !== undefined;
}
