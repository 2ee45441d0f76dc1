import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ListOptions, ObjectList, ObjectStore } from './object-store.js';

/**
 * What a list selects, page by page, in (namespace, name) order; each page is of the moment in which
 * it is asked for. At least one page comes, which may be empty.
 */
export async function* objectPages(
  store: Pick<ObjectStore, 'list'>,
  kind: KindDefinition,
  selection: Omit<ListOptions, 'after'> & { readonly limit: number },
): AsyncGenerator<ObjectList> {
  let after: ListOptions['after'];
  do {
    const page = await store.list(kind, { ...selection, ...(after !== undefined && { after }) });
    yield page;
    after = page.next;
  } while (after !== undefined);
}
