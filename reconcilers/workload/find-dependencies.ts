import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkloadDefinition, WorkloadInstanceSpec } from '../../sdk/api/zz_generated.types.js';
import type { Found } from '../../sdk/kube/find-runtime.js';
import { missing } from '../../sdk/kube/find-runtime.js';
import type { Ports } from '../../sdk/ports/ports.js';
import { resourceNames } from './resource-names.js';

/** The definition that an instance names, in its own namespace. */
export async function findDefinition(
  instance: StoredApiObject<WorkloadInstanceSpec>,
  spec: WorkloadInstanceSpec,
  { api }: Pick<Ports, 'api'>,
): Promise<Found<{ readonly definition: WorkloadDefinition & StoredApiObject }>> {
  const namespace = instance.metadata.namespace ?? '';
  const key = { namespace, name: spec.definition };
  const definition = await api.find<WorkloadDefinition>(resourceNames.definition, key);
  return definition === undefined
    ? missing(
        'DefinitionMissing',
        `WorkloadDefinition ${namespace}/${spec.definition} does not exist`,
      )
    : { definition };
}
