import type { AttemptRef } from '../../../sdk/api/work.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectWrite, Revision, StoredObject } from '../object-store.js';
import { joinObject } from '../object-text.js';
import { alreadyExists, conflict, notFound, uidOf, type ErrorSubject } from '../store-errors.js';
import { Batcher } from './batcher.js';
import type { Database } from './database.js';
import { isolateData } from './isolate-data.js';
import type { KindStoreOptions } from './kind-store.js';
import type { KindTable } from './kind-table.js';
import { columnArrays, contentOf, ownerArrays, type ObjectContent } from './object-content.js';
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

/** Null for a write by none of our reconcilers. */
interface CauseColumns {
  readonly cause_uid: string | null;
  readonly cause_fence: number | null;
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

/** Creates, updates and deletes objects of one kind, each kind of write in batches of its own. */
export class ObjectWriter {
  readonly #table: KindTable;
  readonly #database: Database;
  readonly #committed: (revisions: readonly Revision[]) => void;
  readonly #statements: Readonly<Record<ObjectWrite['type'], Statement>>;
  readonly #creations: Batcher<Creation, StoredObject>;
  readonly #updates: Batcher<Update, StoredObject>;
  readonly #deletions: Batcher<Deletion, StoredObject>;

  constructor({ table, database, lane, committed }: KindStoreOptions) {
    this.#table = table;
    this.#database = database;
    this.#committed = committed;
    this.#statements = {
      create: createStatement(table),
      update: updateStatement(table, 'anyone'),
      delete: deleteStatement(table, 'anyone'),
    };
    this.#creations = new Batcher<Creation, StoredObject>({
      lane,
      keyOf: ({ namespace, name }) => `${namespace}/${name}`,
      sizeOf: sizeOfContent,
      run: isolateData((items: readonly Creation[]) => this.#create(items)),
    });
    this.#updates = new Batcher<Update, StoredObject>({
      lane,
      keyOf: ({ uid }) => uid,
      sizeOf: sizeOfContent,
      run: isolateData((items: readonly Update[]) => this.#update(items)),
    });
    this.#deletions = new Batcher<Deletion, StoredObject>({
      lane,
      keyOf: ({ uid }) => uid,
      sizeOf: () => 0,
      run: isolateData((items: readonly Deletion[]) => this.#delete(items)),
    });
  }

  async write(write: ObjectWrite): Promise<StoredObject> {
    switch (write.type) {
      case 'create':
        return this.#creations.add(this.#item(write));
      case 'update':
        return this.#updates.add({
          ...this.#item(write),
          expected: write.expectedResourceVersion,
        });
      case 'delete':
        return this.#deletions.add({
          uid: write.uid,
          expected: write.expectedResourceVersion,
          ...causeColumns(write.cause),
        });
    }
  }

  async #create(items: readonly Creation[]): Promise<readonly (StoredObject | Error)[]> {
    const rows = await this.#send<{ uid: string; version: number }>('create', [
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

  async #update(items: readonly Update[]): Promise<readonly (StoredObject | Error)[]> {
    const rows = await this.#send<Verdict>('update', [
      ...columnArrays(updateInput(this.#table, 'anyone'), items),
      ...ownerArrays(items),
    ]);
    return this.#logged(
      'MODIFIED',
      items,
      items.map((item) => {
        const row = rows.get(item.uid);
        if (row === undefined) return notFound(this.#subject(item));
        if (row.version === null) return conflict(this.#subject(item));
        return this.#stored(item, row.version);
      }),
    );
  }

  async #delete(items: readonly Deletion[]): Promise<readonly (StoredObject | Error)[]> {
    const { kind, resource } = this.#table;
    const rows = await this.#send<Verdict & StoredRow>(
      'delete',
      columnArrays(deleteInput('anyone'), items),
    );
    return this.#logged(
      'DELETED',
      items,
      items.map(({ uid }) => {
        const row = rows.get(uid);
        if (row === undefined) return notFound({ kind, uid });
        if (row.version === null) return conflict({ kind, uid, name: row.name });
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
        const { cause_uid: uid = null, cause_fence: fence = null } = items[i] ?? {};
        const cause = uid === null ? {} : { cause: { uid, fence: fence ?? 0 } };
        return [{ resourceVersion: object.resourceVersion, type, object, ...cause }];
      }),
    );
    return answers;
  }

  /** Answers rows by uid. */
  async #send<Row extends { uid: string; version: number | null }>(
    type: ObjectWrite['type'],
    values: readonly unknown[],
  ): Promise<Map<string, Row>> {
    const rows = await this.#database.run<Row>(this.#statements[type], values);
    return new Map(rows.map((row) => [row.uid, row]));
  }

  #item({ object, cause }: { object: ApiObject; cause?: AttemptRef }): Creation {
    const { name, namespace = '' } = object.metadata;
    const content = contentOf(this.#table, object);
    return { ...content, ...causeColumns(cause), uid: uidOf(object), namespace, name };
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

function causeColumns(cause: AttemptRef | undefined): CauseColumns {
  return { cause_uid: cause?.uid ?? null, cause_fence: cause?.fence ?? null };
}

export function sizeOfContent({ text }: ObjectContent): number {
  return (
    text.metadata.length + text.rest.length + (text.spec?.length ?? 0) + (text.status?.length ?? 0)
  );
}
