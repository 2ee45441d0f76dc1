import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from '../../sdk/api/custom-resource-definition.js';
import { findCondition } from '../../sdk/api/custom-resource-definition.js';
import type { KindDefinition, SelectorField } from '../../sdk/api/kind.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore } from '../store/object-store.js';

/** Condition of a definition: every object was made due since the kind is reconciled as it is now. */
const RECONCILABLE = 'Reconcilable';
const NOT_RECONCILED: DefinitionCondition = {
  type: RECONCILABLE,
  status: 'False',
  reason: 'NotReconciled',
  message: 'the annotation threeport.io/reconciled is not "true"',
};
const PAGE = 200;

/**
 * Makes every object of a kind due that has become reconciled, or refers to others than before:
 * nobody kept account of that. It is done at once, and again when every server knows; a condition
 * says so, for a server that is killed meanwhile.
 */
export class WorkBegin {
  readonly #store: ObjectStore;
  /** By definition: the kind for which it was done at once. */
  readonly #done = new Map<string, KindDefinition>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  isDue(definition: CustomResourceDefinition, kind: KindDefinition | undefined): boolean {
    if (kind?.reconciled === undefined) return false;
    const said = findCondition(definition, RECONCILABLE);
    return said?.status !== 'True' || said.message !== messageOf(kind);
  }

  /** The first time; nothing when that was done by this server. */
  async first(
    definition: CustomResourceDefinition,
    kind: KindDefinition | undefined,
  ): Promise<void> {
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
    return { type: RECONCILABLE, status: 'True', reason: 'WorkBegun', message: messageOf(kind) };
  }

  /** What to write of a kind that is reconciled no more. */
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

/** Differs where the references and selectors do. */
function messageOf({ references, selectors = [] }: KindDefinition): string {
  const named = references.map((field) => {
    const any = field.anyWhenAbsent === true ? 'any ' : '';
    return `${placeOf(field)} (${any}${targetOf(field)}, ${field.onDelete})`;
  });
  named.push(...selectors.map((field) => `${placeOf(field)} (selects ${targetOf(field)})`));
  const what = 'workers may claim the objects of this kind';
  return named.length === 0 ? what : `${what}, which refer by ${named.join(', ')}`;
}

function placeOf({ path, namespacePath }: SelectorField): string {
  return namespacePath === undefined ? `.${path}` : `.${path} in .${namespacePath}`;
}

function targetOf({ group, kind }: SelectorField): string {
  return group === '' ? kind : `${kind}.${group}`;
}
