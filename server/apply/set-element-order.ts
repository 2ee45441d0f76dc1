/**
 * The items with those that `order` lists in its order; the others, which only the server knows, stay
 * before the listed items that they preceded in `before`, the list as it was. Listed items that are
 * new come as early as `order` allows. `identityOf` gives what
 * tells items apart, for items and entries of `order` alike; it must be a scalar.
 */
export function orderBySetElementOrder(
  items: readonly unknown[],
  before: readonly unknown[],
  order: readonly unknown[],
  identityOf: (item: unknown) => unknown,
): unknown[] {
  const ranks = new Map(order.map((entry, rank) => [identityOf(entry), rank]));
  const oldPlaces = new Map(before.map((item, place) => [identityOf(item), place]));
  // A new item has no old place and does not wait for its neighbours.
  const placeOf = (item: unknown): number => oldPlaces.get(identityOf(item)) ?? -1;
  const rankOf = (item: unknown): number | undefined => ranks.get(identityOf(item));
  const listed = items
    .filter((item) => rankOf(item) !== undefined)
    .toSorted((left, right) => (rankOf(left) ?? 0) - (rankOf(right) ?? 0));
  const ordered: unknown[] = [];
  let next = 0;
  for (const item of items) {
    if (rankOf(item) !== undefined) continue;
    while (next < listed.length && placeOf(listed[next]) < placeOf(item)) {
      ordered.push(listed[next]);
      next += 1;
    }
    ordered.push(item);
  }
  return [...ordered, ...listed.slice(next)];
}
