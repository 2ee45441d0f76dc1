import type { ApiObject } from '../../../sdk/api/object.js';
import { cutPage } from '../list-page.js';
import { compareKeys, hasSelectors, selectableContent, selector } from '../object-selection.js';
import type { ListOptions, ObjectList, StoredObject } from '../object-store.js';
import { expired, tooLargeVersion } from '../store-errors.js';
import { changedSinceQuery, type ChangedRow } from './changed-since.js';
import type { Database } from './database.js';
import type { EmptyAt } from './kind-room.js';
import type { KindTable } from './kind-table.js';
import { listQuery, MAX_COUNTED } from './list-query.js';
import { toStoredObject } from './stored-row.js';

/** With selectors, which are met in this process, so many objects are looked at at once. */
const MIN_CHUNK = 1_000;

/**
 * Lists of one kind. A list of now is one statement. One of an earlier version takes what has not
 * changed since from the table, and what has from the log, which keeps the text of every object at
 * every version back to its compaction.
 */
export class ObjectLister {
  readonly #database: Database;
  readonly #table: KindTable;

  constructor(database: Database, table: KindTable) {
    this.#database = database;
    this.#table = table;
  }

  async list(options: ListOptions): Promise<ObjectList> {
    const query = listQuery(this.#table, options);
    const rows = await this.#database.query(query, { repeatable: true });
    const first = rows[0];
    if (first === undefined) throw new Error('the table revision_counter has lost its row');
    const { counter, compacted } = first;
    const { at = counter, limit } = options;
    if (at < compacted) throw expired(at, compacted);
    if (at > counter) throw tooLargeVersion(at, counter);

    const present = rows.flatMap((row) =>
      row.uid === null ? [] : [toStoredObject(this.#table.resource, row)],
    );
    const counted = first.total ?? present.length;
    const total = counted > MAX_COUNTED ? undefined : counted;
    if (at === counter) return cutPage(present, options, { resourceVersion: at, total });
    const changed = await this.#changed(options, {
      at,
      through: counter,
      // What comes after a full page is of no use.
      until: limit === undefined || present.length <= limit ? undefined : present.at(-1),
    });
    return cutPage([...present, ...changed.objects].sort(compareKeys), options, {
      resourceVersion: at,
      total: total === undefined ? undefined : total + changed.total,
    });
  }

  /** The list of a kind that had no objects up to the version of `value`. */
  none(options: ListOptions, { value, compacted }: EmptyAt): ObjectList {
    // For its faults.
    if (hasSelectors(options)) listQuery(this.#table, options);
    const { at = value } = options;
    if (at < compacted) throw expired(at, compacted);
    if (at > value) throw tooLargeVersion(at, value);
    return { items: [], resourceVersion: at };
  }

  /** What changed since, as it was: all of it, or one more than the limit. */
  async #changed(
    options: ListOptions,
    range: {
      readonly at: number;
      readonly through: number;
      readonly until: StoredObject | undefined;
    },
  ): Promise<{ readonly objects: readonly StoredObject[]; readonly total: number }> {
    const isSelected = selector(this.#table.kind, options);
    const { limit } = options;
    const wanted = limit === undefined ? Infinity : limit + 1;
    const chunk = hasSelectors(options) ? Math.max(wanted, MIN_CHUNK) : wanted;
    const objects: StoredObject[] = [];
    for (let after = options.after; ;) {
      const query = changedSinceQuery(this.#table, options, {
        ...range,
        after,
        limit: Number.isFinite(chunk) ? chunk : undefined,
      });
      const rows = await this.#database.query(query, { repeatable: true });
      const compacted = rows[0]?.compacted ?? 0;
      if (range.at < compacted) throw expired(range.at, compacted);
      const found = rows.flatMap((row) => this.#toObject(row, range.at));
      for (const object of found) {
        if (!hasSelectors(options) || isSelected(object, this.#content(object))) {
          objects.push(object);
        }
      }
      after = found.at(-1);
      if (found.length < chunk || objects.length >= wanted || after === undefined) {
        return { objects, total: rows[0]?.total ?? 0 };
      }
    }
  }

  #toObject({ namespace, name, uid, object, ...row }: ChangedRow, at: number): StoredObject[] {
    if (namespace === null || name === null) return [];
    // Dropped before the log kept what is needed for this.
    if (uid === null || object === null || row.resource_version === null) {
      throw expired(at, row.compacted);
    }
    const { resource_version: resourceVersion } = row;
    const { resource } = this.#table;
    return [{ resource, uid, namespace, name, resourceVersion, json: object }];
  }

  #content(object: StoredObject): ReturnType<typeof selectableContent> {
    return selectableContent(this.#table.kind, JSON.parse(object.json) as ApiObject);
  }
}
