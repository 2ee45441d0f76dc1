import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from '../../sdk/api/custom-resource-definition.js';
import { findCondition, isTrue } from '../../sdk/api/custom-resource-definition.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore } from '../store/object-store.js';

/** Condition of a definition: since it is reconciled, every object of the kind was made due. */
const RECONCILABLE = 'Reconcilable';
const BEGUN: DefinitionCondition = {
  type: RECONCILABLE,
  status: 'True',
  reason: 'WorkBegun',
  message: 'workers may claim the objects of this kind',
};
const NOT_RECONCILED: DefinitionCondition = {
  type: RECONCILABLE,
  status: 'False',
  reason: 'NotReconciled',
  message: 'the annotation threeport.io/reconciled is not "true"',
};
const PAGE = 200;

/**
 * Makes every object of a kind due that has become reconciled: nobody kept account of them before.
 * It is done at once, and again when every server knows; a condition says so, for a server that is
 * killed meanwhile.
 */
export class WorkBegin {
  readonly #store: ObjectStore;
  /** By definition: the kind for which it was done at once. */
  readonly #done = new Map<string, KindDefinition>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  isDue(definition: CustomResourceDefinition, kind: KindDefinition | undefined): boolean {
    return kind?.reconciled !== undefined && !isTrue(definition, RECONCILABLE);
  }

  /** The first time; nothing when that was done by this server. */
  async first(definition: CustomResourceDefinition, kind: KindDefinition | undefined) {
    const { name } = definition.metadata;
    if (kind === undefined || !this.isDue(definition, kind)) this.#done.delete(name);
    else if (this.#done.get(name) !== kind) {
      await this.#wakeAll(kind);
      this.#done.set(name, kind);
    }
  }

  /** The second time. Answers the condition to write. */
  async again(kind: KindDefinition): Promise<DefinitionCondition> {
    await this.#wakeAll(kind);
    return BEGUN;
  }

  /** Of a kind that is reconciled no more, or never was. */
  ended(
    definition: CustomResourceDefinition,
    kind: KindDefinition | undefined,
  ): readonly DefinitionCondition[] {
    const isThere = findCondition(definition, RECONCILABLE) !== undefined;
    return isThere && kind !== undefined && kind.reconciled === undefined ? [NOT_RECONCILED] : [];
  }

  async #wakeAll(kind: KindDefinition): Promise<void> {
    for await (const { items } of objectPages(this.#store, kind, { limit: PAGE })) {
      await this.#store.wake(
        kind,
        items.map(({ uid }) => ({ uid })),
      );
    }
  }
}
