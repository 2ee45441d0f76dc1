const MAX_LISTED = 3;

/** `1 resource`, `7 resources`. */
export function countResources(resources: readonly unknown[]): string {
  return resources.length === 1 ? '1 resource' : `${resources.length} resources`;
}

/** The first three, and how many more there are. */
export function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_LISTED).join('; ');
  return texts.length > MAX_LISTED ? `${shown}; and ${texts.length - MAX_LISTED} more` : shown;
}
