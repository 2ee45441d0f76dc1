import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { ListOptions } from '../store/object-store.js';
import { movedPath, stepsBetween } from './conversion-steps.js';

/** What a client selects in one version of a kind, in the words of the version that is stored. */
export function storedSelection(
  registry: Pick<KindRegistry, 'findVersions'>,
  kind: KindDefinition,
  options: ListOptions,
): ListOptions {
  const versions = registry.findVersions(resourceName(kind));
  if (options.fields === undefined || options.fields.length === 0) return options;
  if (versions === undefined || versions.storage.version === kind.version) return options;
  const steps = stepsBetween(kind, versions.storage, versions.all);
  if (steps === undefined) return options;
  const fields = options.fields.map((field) => ({ ...field, path: movedPath(field.path, steps) }));
  return { ...options, fields };
}
