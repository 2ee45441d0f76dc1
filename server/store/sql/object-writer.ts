import { failpoint } from '../../../sdk/failpoint.js';
import type { ObjectWrite, Revision, StoredObject } from '../object-store.js';
import { joinObject, sizeOfText } from '../object-text.js';
import {
  alreadyExists,
  conflict,
  notFound,
  referenced,
  uidOf,
  type ErrorSubject,
} from '../store-errors.js';
import { Batcher, type Lane } from './batcher.js';
import type { Database } from './database.js';
import { isolateData } from './isolate-data.js';
import type { KindStoreOptions } from './kind-store.js';
import type { KindTable } from './kind-table.js';
import { columnArrays, contentOf, ownerArrays, type ObjectContent } from './object-content.js';
import { originText, traceOfText } from './origin-text.js';
import type { Statement } from './statement.js';
import { toStoredObject, type StoredRow } from './stored-row.js';
import {
  createInput,
  createStatement,
  deleteInput,
  deleteStatement,
  updateInput,
  updateStatement,
} from './write-statements.js';

/** How a write came about. No cause: by none of our reconcilers. */
interface CauseColumns {
  readonly cause_uid: string | null;
  readonly cause_fence: number | null;
  readonly origin: string | null;
}

interface Creation extends ObjectContent, CauseColumns {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

interface Update extends Creation {
  readonly expected: number;
}

interface Deletion extends CauseColumns {
  readonly uid: string;
  readonly expected: number;
}

interface Verdict {
  uid: string;
  found: number;
  version: number | null;
}

/** How objects that are there change. */
interface Changes {
  readonly updates: Batcher<Update, StoredObject>;
  readonly deletions: Batcher<Deletion, StoredObject>;
}

/**
 * Creates, updates and deletes objects of one kind, each kind of write in batches of its own. Where
 * other objects can block a deletion, the writes that ask for that go apart from the rest.
 */
export class ObjectWriter {
  readonly #table: KindTable;
  readonly #database: Database;
  readonly #committed: (revisions: readonly Revision[]) => void;
  readonly #blocked: () => string | undefined;
  readonly #lane: Lane;
  readonly #creations: Batcher<Creation, StoredObject>;
  readonly #free: Changes;
  /** Undefined when not known, null when no kind can block this one. */
  #guarded: Changes | null | undefined;

  constructor({ table, database, lane, blocked, committed }: KindStoreOptions) {
    this.#table = table;
    this.#database = database;
    this.#committed = committed;
    this.#blocked = blocked;
    this.#lane = lane;
    const create = createStatement(table);
    this.#creations = new Batcher<Creation, StoredObject>({
      lane,
      keyOf: ({ namespace, name }) => `${namespace}/${name}`,
      sizeOf: sizeOfContent,
      run: isolateData((items: readonly Creation[]) => this.#create(create, items)),
    });
    this.#free = this.#changes();
  }

  async write(write: ObjectWrite): Promise<StoredObject> {
    if (write.type === 'create') return this.#creations.add(this.#item(write));
    const { updates, deletions } = this.#changesFor(write.unlessReferenced ?? false);
    const expected = write.expectedResourceVersion;
    if (write.type === 'update') return updates.add({ ...this.#item(write), expected });
    return deletions.add({ uid: write.uid, expected, ...causeColumns(write) });
  }

  /** The kinds that refer to this one are not those that they were. */
  forgetReferrers(): void {
    this.#guarded = undefined;
  }

  #changesFor(unlessReferenced: boolean): Changes {
    if (!unlessReferenced) return this.#free;
    if (this.#guarded === undefined) {
      const blocked = this.#blocked();
      this.#guarded = blocked === undefined ? null : this.#changes(blocked);
    }
    return this.#guarded ?? this.#free;
  }

  #changes(blocked?: string): Changes {
    const update = updateStatement(this.#table, 'anyone', blocked);
    const remove = deleteStatement(this.#table, 'anyone', blocked);
    return {
      updates: new Batcher<Update, StoredObject>({
        lane: this.#lane,
        keyOf: ({ uid }) => uid,
        sizeOf: sizeOfContent,
        run: isolateData((items: readonly Update[]) => this.#update(update, items)),
      }),
      deletions: new Batcher<Deletion, StoredObject>({
        lane: this.#lane,
        keyOf: ({ uid }) => uid,
        sizeOf: () => 0,
        run: isolateData((items: readonly Deletion[]) => this.#delete(remove, items)),
      }),
    };
  }

  async #create(
    statement: Statement,
    items: readonly Creation[],
  ): Promise<readonly (StoredObject | Error)[]> {
    const rows = await this.#send<{ uid: string; version: number }>(statement, [
      ...columnArrays(createInput(this.#table), items),
      ...ownerArrays(items),
    ]);
    return this.#logged(
      'ADDED',
      items,
      items.map((item) => {
        const version = rows.get(item.uid)?.version;
        return version === undefined
          ? alreadyExists(this.#subject(item))
          : this.#stored(item, version);
      }),
    );
  }

  async #update(
    statement: Statement,
    items: readonly Update[],
  ): Promise<readonly (StoredObject | Error)[]> {
    const rows = await this.#send<Verdict>(statement, [
      ...columnArrays(updateInput(this.#table, 'anyone'), items),
      ...ownerArrays(items),
    ]);
    return this.#logged(
      'MODIFIED',
      items,
      items.map((item) => {
        const row = rows.get(item.uid);
        if (row === undefined) return notFound(this.#subject(item));
        if (row.version === null) return refusal(row, item.expected, this.#subject(item));
        return this.#stored(item, row.version);
      }),
    );
  }

  async #delete(
    statement: Statement,
    items: readonly Deletion[],
  ): Promise<readonly (StoredObject | Error)[]> {
    const { kind, resource } = this.#table;
    const rows = await this.#send<Verdict & StoredRow>(
      statement,
      columnArrays(deleteInput('anyone'), items),
    );
    return this.#logged(
      'DELETED',
      items,
      items.map(({ uid, expected }) => {
        const row = rows.get(uid);
        if (row === undefined) return notFound({ kind, uid });
        if (row.version === null) return refusal(row, expected, { kind, uid, name: row.name });
        return toStoredObject(resource, { ...row, resource_version: row.version });
      }),
    );
  }

  /** Tells what was written, and passes the answers on. */
  #logged(
    type: Revision['type'],
    items: readonly CauseColumns[],
    answers: readonly (StoredObject | Error)[],
  ): readonly (StoredObject | Error)[] {
    this.#committed(
      answers.flatMap((object, i) => {
        if (object instanceof Error) return [];
        const { cause_uid: uid = null, cause_fence: fence = null, origin = null } = items[i] ?? {};
        const cause = uid === null ? {} : { cause: { uid, fence: fence ?? 0 } };
        const { resourceVersion } = object;
        return [{ resourceVersion, type, object, ...cause, ...traceOfText(origin) }];
      }),
    );
    return answers;
  }

  /** Answers rows by uid. */
  async #send<Row extends { uid: string; version: number | null }>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Map<string, Row>> {
    failpoint('before-commit');
    const rows = await this.#database.run<Row>(statement, values);
    failpoint('after-commit-before-hint');
    return new Map(rows.map((row) => [row.uid, row]));
  }

  #item(write: Exclude<ObjectWrite, { type: 'delete' }>): Creation {
    const { object } = write;
    const { name, namespace = '' } = object.metadata;
    const content = contentOf(this.#table, object);
    return { ...content, ...causeColumns(write), uid: uidOf(object), namespace, name };
  }

  #stored(item: Creation, version: number): StoredObject {
    return {
      resource: this.#table.resource,
      uid: item.uid,
      namespace: item.namespace,
      name: item.name,
      resourceVersion: version,
      json: joinObject(item.text, version),
    };
  }

  #subject({ name }: Creation): ErrorSubject {
    return { kind: this.#table.kind, name };
  }
}

/** Why a row that is there was not written: only others that need it are left when it is as expected. */
function refusal({ found }: Verdict, expected: number, subject: ErrorSubject): Error {
  return found === expected ? referenced(subject) : conflict(subject);
}

function causeColumns({ cause, origin }: ObjectWrite): CauseColumns {
  return {
    cause_uid: cause?.uid ?? null,
    cause_fence: cause?.fence ?? null,
    origin: originText(origin),
  };
}

export function sizeOfContent({ text }: ObjectContent): number {
  return sizeOfText(text);
}
