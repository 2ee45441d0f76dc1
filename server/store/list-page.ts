import { hasSelectors } from './object-selection.js';
import type { ListOptions, ObjectList, StoredObject } from './object-store.js';

/**
 * A page of what was found, which is in order and may be longer than the limit. `total` counts all
 * that there is from the page's start on, unless the options say that already.
 */
export function cutPage(
  found: readonly StoredObject[],
  options: ListOptions,
  { resourceVersion, total }: { readonly resourceVersion: number; readonly total: number },
): ObjectList {
  const items = found.slice(0, options.limit);
  const last = items.at(-1);
  if (found.length === items.length || last === undefined) return { items, resourceVersion };
  return {
    items,
    resourceVersion,
    next: { namespace: last.namespace, name: last.name },
    ...(!hasSelectors(options) && {
      remaining: Math.max(1, (options.left ?? total) - items.length),
    }),
  };
}
