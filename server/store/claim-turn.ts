/**
 * How the objects due share a claim: those that somebody changed and nobody looked at since
 * (`urgent`) go first, but each fourth place belongs to the others, oldest first. So neither is
 * starved, and where there is one sort only it has all places.
 */

/** One in so many places of a claim is for what is not urgent. */
export const PLACES_A_TURN = 4;

/** Where in its turn the next claim of a kind begins: claims of one object share the places too. */
export class ClaimTurn {
  #taken = 0;

  /** Places that urgent objects had since another one was claimed: 0 to 3. */
  get taken(): number {
    return this.#taken;
  }

  /** Call with what a claim got. */
  count(claimed: readonly { readonly urgent: boolean }[]): void {
    const others = claimed.filter(({ urgent }) => !urgent).length;
    const next = this.#taken + claimed.length;
    this.#taken = others === 0 ? Math.min(next, PLACES_A_TURN - 1) : next % PLACES_A_TURN;
  }
}

/** The first `limit` of both, each sort in its own order; `taken` is that of the turn. */
export function shareClaim<Item>(
  urgent: readonly Item[],
  others: readonly Item[],
  limit: number,
  taken: number,
): Item[] {
  const places = [
    ...others.map((item, i) => ({ item, place: PLACES_A_TURN * (i + 1) - taken })),
    ...urgent.map((item, i) => ({ item, place: i + 1 + Math.floor(i / (PLACES_A_TURN - 1)) })),
  ];
  return places
    .sort((a, b) => a.place - b.place)
    .slice(0, limit)
    .map(({ item }) => item);
}
