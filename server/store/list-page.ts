import { hasSelectors } from './object-selection.js';
import type { ListOptions, ObjectList, StoredObject } from './object-store.js';

/**
 * A page of what was found, which is in order and may be longer than the limit. `total` counts all
 * that there is from the page's start on, unless the options say that already or nobody counted.
 */
export function cutPage(
  found: readonly StoredObject[],
  options: ListOptions,
  {
    resourceVersion,
    total,
  }: { readonly resourceVersion: number; readonly total: number | undefined },
): ObjectList {
  const { left = total } = options;
  const items = found.slice(0, options.limit);
  const last = items.at(-1);
  if (found.length === items.length || last === undefined) return { items, resourceVersion };
  return {
    items,
    resourceVersion,
    next: { namespace: last.namespace, name: last.name },
    ...(left !== undefined &&
      !hasSelectors(options) && { remaining: Math.max(1, left - items.length) }),
  };
}
