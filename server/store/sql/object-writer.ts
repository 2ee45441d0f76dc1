import { ApiError } from '../../../sdk/api/errors.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectWrite, StoredObject } from '../object-store.js';
import { joinObject } from '../object-text.js';
import { alreadyExists, conflict, notFound, uidOf, type ErrorSubject } from '../store-errors.js';
import { Batcher } from './batcher.js';
import { isolateData } from './isolate-data.js';
import type { KindStoreOptions } from './kind-store.js';
import type { KindTable } from './kind-table.js';
import { columnArrays, contentOf, ownerArrays, type ObjectContent } from './object-content.js';
import { toStoredObject, type StoredRow } from './stored-row.js';
import {
  createInput,
  createStatement,
  deleteInput,
  deleteStatement,
  updateInput,
  updateStatement,
} from './write-statements.js';

interface Creation extends ObjectContent {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

interface Update extends Creation {
  readonly expected: number;
}

interface Deletion {
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
  readonly #creations: Batcher<Creation, StoredObject>;
  readonly #updates: Batcher<Update, StoredObject>;
  readonly #deletions: Batcher<Deletion, StoredObject>;

  constructor({ table, database, lane, committed }: KindStoreOptions) {
    this.#table = table;
    const create = createStatement(table);
    const update = updateStatement(table, 'anyone');
    const remove = deleteStatement(table, 'anyone');
    this.#creations = new Batcher<Creation, StoredObject>({
      lane,
      keyOf: ({ namespace, name }) => `${namespace}/${name}`,
      sizeOf: sizeOfContent,
      run: isolateData(async (items: readonly Creation[]) => {
        const rows = await database.run<{ uid: string; version: number }>(create, [
          ...columnArrays(createInput(table), items),
          ...ownerArrays(items),
        ]);
        committed(newestVersion(rows));
        const versions = new Map(rows.map(({ uid, version }) => [uid, version]));
        return items.map((item) => {
          const version = versions.get(item.uid);
          return version === undefined ? alreadyExists(this.#subject(item)) : this.#stored(item, version);
        });
      }),
    });
    this.#updates = new Batcher<Update, StoredObject>({
      lane,
      keyOf: ({ uid }) => uid,
      sizeOf: sizeOfContent,
      run: isolateData(async (items: readonly Update[]) => {
        const rows = await database.run<Verdict>(update, [
          ...columnArrays(updateInput(table, 'anyone'), items),
          ...ownerArrays(items),
        ]);
        committed(newestVersion(rows));
        const verdicts = new Map(rows.map((row) => [row.uid, row]));
        return items.map((item) => {
          const version = passed(verdicts.get(item.uid), this.#subject(item));
          return version instanceof ApiError ? version : this.#stored(item, version);
        });
      }),
    });
    this.#deletions = new Batcher<Deletion, StoredObject>({
      lane,
      keyOf: ({ uid }) => uid,
      sizeOf: () => 0,
      run: isolateData(async (items: readonly Deletion[]) => {
        const input = columnArrays(deleteInput('anyone'), items);
        const rows = await database.run<Verdict & StoredRow>(remove, input);
        committed(newestVersion(rows));
        const verdicts = new Map(rows.map((row) => [row.uid, row]));
        return items.map((item) => {
          const row = verdicts.get(item.uid);
          const version = passed(row, { kind: table.kind, uid: item.uid });
          if (version instanceof ApiError || row === undefined) return version as ApiError;
          return toStoredObject(table.resource, { ...row, resource_version: version });
        });
      }),
    });
  }

  async write(write: ObjectWrite): Promise<StoredObject> {
    switch (write.type) {
      case 'create':
        return this.#creations.add(this.#item(write.object));
      case 'update':
        return this.#updates.add({
          ...this.#item(write.object),
          expected: write.expectedResourceVersion,
        });
      case 'delete':
        return this.#deletions.add({ uid: write.uid, expected: write.expectedResourceVersion });
    }
  }

  #item(object: ApiObject): Creation {
    const { name, namespace = '' } = object.metadata;
    return { ...contentOf(this.#table, object), uid: uidOf(object), namespace, name };
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

function passed(verdict: Verdict | undefined, subject: ErrorSubject): number | ApiError {
  if (verdict === undefined) return notFound(subject);
  return verdict.version ?? conflict(subject);
}

/** 0 when nothing passed. */
export function newestVersion(rows: readonly { version?: number | null }[]): number {
  return rows.reduce((newest, { version }) => Math.max(newest, version ?? 0), 0);
}

export function sizeOfContent({ text }: ObjectContent): number {
  return text.metadata.length + text.rest.length + (text.spec?.length ?? 0) + (text.status?.length ?? 0);
}
