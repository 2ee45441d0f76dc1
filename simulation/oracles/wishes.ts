import type { SimCloud } from '../cloud/sim-cloud.js';
import type { Wish } from '../people/owner.js';
import type { SimCluster } from '../plane/sim-cluster.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { stored } from './stored.js';
import type { Violation } from './violation.js';

/** The cluster holds what was wished, all of it, once, and nothing else. */
export async function unmetInCluster(
  store: ObjectStore,
  cluster: SimCluster,
  wishes: readonly Wish[],
): Promise<Violation[]> {
  const wanted = wishes.flatMap(({ value, parts }) =>
    value === undefined ? [] : Array.from({ length: parts }, (_, i) => `part-${i}=${value}`),
  );
  const objects = cluster.state.objects();
  const found = objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .map((object) => {
      const { value } = (object['data'] ?? {}) as { value?: string };
      return `${object.metadata.name}=${value ?? ''}`;
    });
  const namespaces = objects.filter(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name !== 'default',
  );
  const instances = await stored(store, 'workloadinstances.workload.threeport.io');
  return [
    ...(await unmetByName(store, 'workloads.workload.threeport.io', wishes)),
    ...differs('the cluster', found, wanted),
    ...(namespaces.length === instances.length
      ? []
      : [`${namespaces.length} namespaces for ${instances.length} instances`]),
  ];
}

/** The cloud has what was wished, all of it, and never made one twice. */
export async function unmetInCloud(
  store: ObjectStore,
  cloud: SimCloud,
  wishes: readonly Wish[],
): Promise<Violation[]> {
  const wanted = wishes.flatMap(({ value }) => value ?? []);
  const twice = [...cloud.created].filter(([, count]) => count > 1);
  return [
    ...(await unmetByName(store, 'machines.simulation.threeport.io', wishes)),
    ...differs(
      'the cloud',
      cloud.machines.map(({ value }) => value),
      wanted,
    ),
    ...twice.map(([owner, count]) => `${count} machines were made for ${owner}`),
  ];
}

async function unmetByName(
  store: ObjectStore,
  resource: string,
  wishes: readonly Wish[],
): Promise<Violation[]> {
  const names = new Set((await stored(store, resource)).map(({ metadata }) => metadata.name));
  return wishes.flatMap(({ name, value }) => {
    if (names.has(name) === (value !== undefined)) return [];
    return [`${name} is ${value === undefined ? 'still there' : 'not there'}`];
  });
}

function differs(where: string, found: readonly string[], wanted: readonly string[]): Violation[] {
  const [has, wants] = [found.toSorted().join(' '), wanted.toSorted().join(' ')];
  return has === wants ? [] : [`${where} has [${has}] in place of [${wants}]`];
}
