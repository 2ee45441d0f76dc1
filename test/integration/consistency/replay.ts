import { matchesLabels, parseLabelSelector } from '../../../sdk/api/selector.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectStore, Revision } from '../../../server/store/object-store.js';

/** An event as a client sees it: everything of it that can be wrong. */
export interface SeenEvent {
  readonly type: string;
  readonly resourceVersion: number;
  /** JSON of the object. */
  readonly object: string;
}

interface Entry extends SeenEvent {
  readonly uid: string;
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the log says that clients must have seen, worked out by itself from its entries. */
export class Replay {
  readonly #entries: readonly Entry[];

  constructor(revisions: readonly Revision[], resource: string) {
    this.#entries = revisions
      .filter(({ object }) => object.resource === resource)
      .map(({ type, resourceVersion, object }) => {
        const parsed = JSON.parse(object.json) as ApiObject;
        return {
          type,
          resourceVersion,
          object: JSON.stringify(parsed),
          uid: object.uid,
          key: `${object.namespace}/${object.name}`,
          labels: parsed.metadata.labels ?? {},
        };
      });
  }

  /** Entries of one object, oldest first. */
  historyOf(uid: string): readonly SeenEvent[] {
    return this.#entries.filter((entry) => entry.uid === uid);
  }

  get uids(): ReadonlySet<string> {
    return new Set(this.#entries.map(({ uid }) => uid));
  }

  /** The objects that a list at this version shows, as JSON in the order of lists. */
  listAt(version: number, selector: string): readonly string[] {
    const present = new Map<string, Entry>();
    const requirements = parseLabelSelector(selector);
    for (const entry of this.#entries) {
      if (entry.resourceVersion > version) break;
      if (entry.type === 'DELETED') present.delete(entry.uid);
      else present.set(entry.uid, entry);
    }
    return [...present.values()]
      .filter(({ labels }) => matchesLabels(labels, requirements))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ object }) => object);
  }

  /** The events that a watch after this version gets. */
  eventsAfter(version: number, selector: string): readonly SeenEvent[] {
    const requirements = parseLabelSelector(selector);
    const members = new Map<string, Entry>();
    const events: SeenEvent[] = [];
    for (const entry of this.#entries) {
      const { uid, type, resourceVersion, object, labels } = entry;
      const isIn = type !== 'DELETED' && matchesLabels(labels, requirements);
      const before = members.get(uid);
      if (isIn) members.set(uid, entry);
      else members.delete(uid);
      if (resourceVersion <= version || (!isIn && before === undefined)) continue;
      const seenAs = !isIn ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
      // Who left the selection is shown as it was last in it.
      const hasLeft = !isIn && type !== 'DELETED' && before !== undefined;
      const shown = hasLeft ? atVersion(before.object, resourceVersion) : object;
      events.push({ type: seenAs, resourceVersion, object: shown });
    }
    return events;
  }
}

function atVersion(json: string, version: number): string {
  const object = JSON.parse(json) as ApiObject;
  object.metadata.resourceVersion = String(version);
  return JSON.stringify(object);
}

/** The whole log, which must not have been compacted. */
export async function readLog(store: ObjectStore): Promise<readonly Revision[]> {
  const log: Revision[] = [];
  for (;;) {
    const page = await store.revisionsAfter(log.at(-1)?.resourceVersion ?? 0, 1_000);
    if (page.length === 0) return log;
    log.push(...page);
  }
}
