import { ConditionType, isConditionTrue, type Condition } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { stored } from './stored.js';
import type { Violation } from './violation.js';

interface ObservedStatus {
  readonly observedGeneration?: number;
  readonly conditions?: Condition[];
}

const RECONCILED = [
  'workloads.workload.threeport.io',
  'workloadinstances.workload.threeport.io',
  'kubernetesruntimeinstances.kubernetes.threeport.io',
  'machines.simulation.threeport.io',
  'rosters.simulation.threeport.io',
];

/** Every object was looked at as it is now, and says that all is well. */
export async function unsettled(store: ObjectStore): Promise<Violation[]> {
  const lists = await Promise.all(RECONCILED.map((resource) => stored(store, resource)));
  return lists.flat().flatMap(complaintsOf);
}

/** What an object says that is not well. */
export function complaintsOf(object: StoredApiObject): Violation[] {
  const { generation, name, deletionTimestamp } = object.metadata;
  const { observedGeneration, conditions } = (object.status ?? {}) as ObservedStatus;
  if (deletionTimestamp !== undefined) return [`${object.kind} ${name}: still being deleted`];
  if (observedGeneration !== generation) {
    return [`${object.kind} ${name}: observed ${observedGeneration} of ${generation}`];
  }
  if (isConditionTrue(conditions, ConditionType.reconciled)) return [];
  const said = conditions?.find(({ type }) => type === ConditionType.reconciled);
  return [`${object.kind} ${name}: not reconciled (${said?.reason}: ${said?.message})`];
}
