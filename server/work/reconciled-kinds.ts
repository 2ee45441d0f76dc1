import type { KindDefinition } from '../../sdk/api/kind.js';
import type { WorkContext } from './work-context.js';

/**
 * The kinds of these resources that are reconciled, by resource. One that another server knows of
 * since a moment ago is looked up, and so is not missing.
 */
export async function reconciledKinds(
  { registry, catchUp }: WorkContext,
  resources: Iterable<string>,
): Promise<ReadonlyMap<string, KindDefinition>> {
  const find = (resource: string): KindDefinition | undefined => {
    const kind = registry.findResource(resource);
    return kind?.reconciled === undefined ? undefined : kind;
  };
  const kinds = new Map<string, KindDefinition>();
  for (const resource of new Set(resources)) {
    let kind = find(resource);
    if (kind === undefined) {
      const [plural = '', ...group] = resource.split('.');
      await catchUp?.(group.join('.'), plural);
      kind = find(resource);
    }
    if (kind !== undefined) kinds.set(resource, kind);
  }
  return kinds;
}
