import type { ObjectMeta, StoredApiObject } from '../../sdk/api/object.js';
import { controllerOf } from '../../sdk/api/object.js';
import type {
  Manifests,
  WorkloadDefinition,
  WorkloadInstance,
} from '../../sdk/api/zz_generated.types.js';
import type { ApiPort } from '../../sdk/ports/api-port.js';
import { resourceNames, workloadApiVersion } from './resource-names.js';

/** A definition or an instance as stored. */
export type Child = (WorkloadDefinition | WorkloadInstance) & StoredApiObject;

export interface Children {
  readonly definition: (WorkloadDefinition & StoredApiObject) | undefined;
  readonly instance: (WorkloadInstance & StoredApiObject) | undefined;
}

/** The definition and the instance that have the workload's name, whoever made them. */
export async function findChildren(
  workload: StoredApiObject,
  api: Pick<ApiPort, 'find'>,
): Promise<Children> {
  const key = childKey(workload);
  const [definition, instance] = await Promise.all([
    api.find<WorkloadDefinition>(resourceNames.definition, key),
    api.find<WorkloadInstance>(resourceNames.instance, key),
  ]);
  return { definition, instance };
}

/** The definition that a workload's manifests become. */
export function definitionFor(workload: StoredApiObject, spec: Manifests): WorkloadDefinition {
  const metadata = childMetadata(workload);
  return { apiVersion: workloadApiVersion, kind: 'WorkloadDefinition', metadata, spec };
}

/** The instance that places that definition on a runtime. */
export function instanceFor(workload: StoredApiObject, runtime: string): WorkloadInstance {
  return {
    apiVersion: workloadApiVersion,
    kind: 'WorkloadInstance',
    metadata: childMetadata(workload),
    spec: { definition: workload.metadata.name, runtime },
  };
}

/** Whether the workload made the child. */
export function isChildOf(child: Child, workload: StoredApiObject): boolean {
  return controllerOf(child)?.uid === workload.metadata.uid;
}

/** Namespace and name of a workload's definition and instance. */
export function childKey({ metadata }: StoredApiObject): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** For people: `WorkloadInstance default/web`. */
export function describeChild({ kind, metadata }: Child): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function childMetadata(workload: StoredApiObject): ObjectMeta {
  return {
    ...childKey(workload),
    ownerReferences: [
      {
        apiVersion: workloadApiVersion,
        kind: 'Workload',
        name: workload.metadata.name,
        uid: workload.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}
