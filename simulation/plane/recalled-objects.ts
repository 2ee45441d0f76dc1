import { resourceName, type KindDefinition } from '../../sdk/api/kind.js';
import type { ObjectStore, Revision, StoredObject } from '../../server/store/object-store.js';

/**
 * What one server remembers of the objects that it wrote, or read of in the log: as old as that. It
 * is what `recall` of the database in use gives.
 */
export class RecalledObjects {
  readonly #byUid = new Map<string, StoredObject>();

  recall(uid: string): StoredObject | undefined {
    return this.#byUid.get(uid);
  }

  recallNamed(kind: KindDefinition, namespace: string, name: string): StoredObject | undefined {
    const resource = resourceName(kind);
    return [...this.#byUid.values()].find(
      (each) => each.resource === resource && each.namespace === namespace && each.name === name,
    );
  }

  /** Takes from an answer of the database what there is to be remembered. */
  learn(method: keyof ObjectStore, answer: unknown, args: readonly unknown[]): void {
    if (method === 'revisionsAfter') {
      for (const { type, object } of answer as readonly Revision[]) {
        this.#note(object, type === 'DELETED');
      }
    } else if (method === 'write') {
      const [{ type }] = args as Parameters<ObjectStore['write']>;
      this.#note(answer as StoredObject, type === 'delete');
    }
  }

  #note(object: StoredObject, isGone: boolean): void {
    const known = this.#byUid.get(object.uid);
    if (known !== undefined && known.resourceVersion > object.resourceVersion) return;
    if (isGone) this.#byUid.delete(object.uid);
    else this.#byUid.set(object.uid, object);
  }
}
