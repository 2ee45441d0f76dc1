import { ConditionType, isConditionTrue, type Condition } from '../../sdk/api/condition.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import type { Wish } from './people.js';
import type { SimCluster } from './sim-cluster.js';

/** What was to be seen once all was well again, and was not. */
export type Violation = string;

interface ObservedStatus {
  readonly observedGeneration?: number;
  readonly conditions?: Condition[];
}

/** Whether the world is as it was wished: an empty answer says so. */
export async function unmetWishes(
  store: ObjectStore,
  clusters: readonly SimCluster[],
  wishes: readonly Wish[],
): Promise<Violation[]> {
  const workloads = await all(store, 'Workload');
  const violations: Violation[] = [];
  for (const wish of wishes) {
    const workload = workloads.find(({ metadata }) => metadata.name === wish.name);
    if ((workload !== undefined) !== (wish.value !== undefined)) {
      violations.push(`${wish.name} is ${workload === undefined ? 'not there' : 'still there'}`);
    } else if (workload !== undefined) violations.push(...unsettled(workload));
  }
  const instances = await all(store, 'WorkloadInstance');
  const runtimes = await all(store, 'KubernetesRuntimeInstance');
  for (const object of [...instances, ...runtimes]) violations.push(...unsettled(object));
  const wanted = wishes.flatMap(({ value, parts }) =>
    value === undefined ? [] : Array.from({ length: parts }, (_, i) => `part-${i}=${value}`),
  );
  const found = clusters.flatMap(({ state }) =>
    state
      .objects()
      .filter(({ kind }) => kind === 'ConfigMap')
      .map((object) => {
        const { value } = (object['data'] ?? {}) as { value?: string };
        return `${object.metadata.name}=${value ?? ''}`;
      }),
  );
  const namespaces = clusters.flatMap(({ state }) =>
    state
      .objects()
      .filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name !== 'default'),
  );
  if (namespaces.length !== instances.length) {
    violations.push(`${namespaces.length} namespaces for ${instances.length} instances`);
  }
  if (`${wanted.sort()}` !== `${found.sort()}`) {
    violations.push(`the clusters have [${found}] in place of [${wanted}]`);
  }
  return violations;
}

function unsettled(object: StoredApiObject): Violation[] {
  const { generation, name } = object.metadata;
  const { observedGeneration, conditions } = (object.status ?? {}) as ObservedStatus;
  if (observedGeneration !== generation) {
    return [`${object.kind} ${name}: observed ${observedGeneration} of ${generation}`];
  }
  if (isConditionTrue(conditions, ConditionType.reconciled)) return [];
  const said = conditions?.find(({ type }) => type === ConditionType.reconciled);
  return [`${object.kind} ${name}: not reconciled (${said?.reason}: ${said?.message})`];
}

async function all(store: ObjectStore, kindName: string): Promise<StoredApiObject[]> {
  const kind = kinds.find((each) => each.kind === kindName) as KindDefinition;
  const { items } = await store.list(kind, {});
  return items.map(({ json }) => JSON.parse(json) as StoredApiObject);
}
