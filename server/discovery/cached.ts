import type { KindRegistry } from '../../sdk/api/registry.js';

/** Makes a value when it is first asked for, and again when the kinds have changed. */
export function cached<T>(registry: Pick<KindRegistry, 'revision'>, make: () => T): () => T {
  let made: { readonly revision: number; readonly value: T } | undefined;
  return () => {
    const { revision } = registry;
    if (made?.revision !== revision) made = { revision, value: make() };
    return made.value;
  };
}
