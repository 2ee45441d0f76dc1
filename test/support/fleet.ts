import { Client as DatabaseClient } from 'pg';
import type { AttemptRecord } from '../../sdk/api/journal.js';
import { isConditionTrue } from '../../sdk/api/condition.js';
import type { KubernetesRuntimeInstance } from '../../sdk/api/zz_generated.types.js';
import { mapLimited } from '../../sdk/map-limited.js';
import { eventually } from './eventually.js';
import type { ProcessPlane } from './process-plane.js';
import { WorkloadWatch } from './workload-watch.js';
import { configMap, workload } from './workloads.js';

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const CREATED_AT_ONCE = 20;
const READY_TIMEOUT_MS = 60_000;

/** What a cluster gets for each workload. */
export const RESOURCES_OF_WORKLOAD = 3;

/** An attempt at a workload or at an instance of one that did something, as the journal has it. */
export interface FleetAttempt extends AttemptRecord {
  /** Of the workload; its instance is called the same. */
  readonly name: string;
  readonly worker: string;
}

/**
 * Many workloads over all clusters of a plane, round robin, each a namespace with two ConfigMaps; what
 * came of them in the clusters, and who did it.
 */
export class Fleet {
  readonly #plane: ProcessPlane;
  readonly #database: DatabaseClient;
  readonly #watch: WorkloadWatch;

  private constructor(plane: ProcessPlane, database: DatabaseClient, watch: WorkloadWatch) {
    this.#plane = plane;
    this.#database = database;
    this.#watch = watch;
  }

  /** Waits until every cluster is known to answer. */
  static async open(plane: ProcessPlane): Promise<Fleet> {
    await eventually(
      'all clusters answer',
      async () => {
        const { items } = await plane.client.list<KubernetesRuntimeInstance>(RUNTIMES);
        return items.every(({ status }) => isConditionTrue(status?.conditions, 'Ready'));
      },
      READY_TIMEOUT_MS,
    );
    const database = new DatabaseClient({ connectionString: plane.databaseUrl });
    await database.connect();
    return new Fleet(plane, database, await WorkloadWatch.open(plane.client));
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#database.end();
  }

  /** They are called `w0`, `w1` and so on. */
  async create(count: number): Promise<void> {
    const { client, clusters } = this.#plane;
    const numbers = Array.from({ length: count }, (_, number) => number);
    await mapLimited(numbers, CREATED_AT_ONCE, (number) => {
      const manifests = [configMap('a', { v: '1' }), configMap('b', { v: '1' })];
      const cluster = clusters[number % clusters.length]?.name;
      return client.create(workload(`w${number}`, manifests, cluster));
    });
  }

  /** What is to be in the clusters for so many workloads has been sent to them. */
  async applied(count: number, timeoutMs: number): Promise<void> {
    const { clusters } = this.#plane;
    const sent = (): number => clusters.reduce((sum, { writes }) => sum + writes.length, 0);
    const enough = count * RESOURCES_OF_WORKLOAD;
    await eventually(`${count} workloads are applied`, () => sent() >= enough, timeoutMs);
  }

  /** All that there are, so many, are Reconciled. */
  reconciled(count: number, timeoutMs: number): Promise<void> {
    return this.#watch.until(`${count} workloads are reconciled`, timeoutMs, (objects) => {
      const done = objects.filter(({ status }) =>
        isConditionTrue(status?.conditions, 'Reconciled'),
      );
      return done.length === count;
    });
  }

  /** Every change that ever happened in the clusters: `ADDED configmaps w0/a`. */
  async changes(): Promise<string[]> {
    const histories = await Promise.all(this.#plane.clusters.map((each) => each.history()));
    return histories.flat().map((line) => line.replace(NAMESPACE_HASH, ''));
  }

  /** What was asked of the clusters more than once, whether it changed something or not: `w0`. */
  writtenAgain(): Set<string> {
    const seen = new Set<string>();
    const again = new Set<string>();
    for (const path of this.#plane.clusters.flatMap((each) => each.writes)) {
      const name = /\/namespaces\/([^/]+)/.exec(path)?.[1]?.replace(NAMESPACE_HASH, '');
      if (name === undefined) continue;
      if (seen.has(path)) again.add(name);
      seen.add(path);
    }
    return again;
  }

  async attempts(): Promise<FleetAttempt[]> {
    const { rows } = await this.#database.query<{ name: string; worker: string; record: string }>(
      `SELECT name, worker, record FROM attempts WHERE resource LIKE 'workload%'`,
    );
    return rows.map(({ record, ...who }) => ({ ...(JSON.parse(record) as AttemptRecord), ...who }));
  }
}

/** What a workload's namespace in its cluster has behind the workload's name. */
const NAMESPACE_HASH = /-[a-z2-7]{10}(?=\/|$)/;

/** How many attempts each worker made. */
export function shares(attempts: readonly FleetAttempt[]): number[] {
  const counts = new Map<string, number>();
  for (const { worker } of attempts) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  return [...counts.values()];
}

/** How far the share furthest from even is from it: 0.1 is 10 %. */
export function unevenness(counts: readonly number[]): number {
  const even = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return Math.max(...counts.map((count) => Math.abs(count - even))) / even;
}

/** The attempts that took up what a worker left behind when it died. */
export function takenOver(attempts: readonly FleetAttempt[]): FleetAttempt[] {
  return attempts.filter(({ cause }) => cause?.reason === 'leaseExpired');
}
