import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { KubeObjectRef, KubePort } from '../../sdk/ports/kube-port.js';
import type { OutsideOptions } from '../cloud/sim-cloud.js';
import { FakeCluster } from '../fakes/fake-cluster.js';
import { ConnectionLostError, type Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { KeyedRandom } from '../kernel/keyed-random.js';
import { SimProcess } from '../kernel/sim-process.js';

const TIMEOUT_MS = 10_000;
/** Of an answer while the cluster is slow. */
const SLOWEST_MS = 12_000;
/** What terminates in a cluster is gone after this long. */
const TICK_MS = 1_000;

/** How a cluster answers at the moment. */
export type ClusterHealth = 'well' | 'refuses' | 'hangs' | 'slow';

/** A cluster: a process of its own, which counts what took effect in it. */
export class SimCluster {
  readonly name: string;
  readonly state = new FakeCluster();
  readonly process: SimProcess;
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #random: KeyedRandom;
  /** The chance that a call is answered with an error, before or after its effect. */
  readonly #errors: () => number;
  health: ClusterHealth = 'well';
  /** Writes that changed anything, ever. */
  changes = 0;

  constructor(name: string, { network, scheduler, random, errors }: OutsideOptions) {
    this.name = name;
    this.#network = network;
    this.#scheduler = scheduler;
    this.#random = new KeyedRandom(random.int(2 ** 32));
    this.#errors = errors;
    this.process = new SimProcess(`cluster ${name}`);
    this.#tick();
  }

  /** What a reconciler gets for this cluster's kubeconfig. */
  port(): KubePort {
    return new Proxy(this.state as KubePort, {
      get: (target, method: keyof KubePort) => {
        const value: unknown = target[method];
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          this.#call(method, `kube.${method} ${describe(args[0])}`, () =>
            (value as (...args: unknown[]) => Promise<unknown>).apply(target, args),
          );
      },
    });
  }

  async #call(method: keyof KubePort, what: string, act: () => Promise<unknown>): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new ApiError('Timeout', `${this.name}: no answer in time`)),
        TIMEOUT_MS,
      );
    });
    const from = this.#scheduler.current;
    const call = this.#network.call(this.process, what, async () => {
      const before = this.changes;
      const answer = await this.#serve(method, act);
      // Who dies here has changed something and does not know it yet.
      if (this.changes > before) from.step('effect');
      return answer;
    });
    try {
      return await Promise.race([call, limit]);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
      throw new ApiError('ServiceUnavailable', `cannot reach ${this.name}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #serve(method: keyof KubePort, act: () => Promise<unknown>): Promise<unknown> {
    if (this.health === 'hangs') return new Promise(() => undefined);
    if (this.health === 'refuses') throw new ApiError('ServiceUnavailable', 'etcd is away');
    const random = this.#random.next(method);
    if (this.health === 'slow') {
      const neededMs = random.between(0, SLOWEST_MS);
      await delay(neededMs);
      // What takes longer than the caller has asked for is given up.
      if (neededMs >= TIMEOUT_MS) throw new ApiError('Timeout', 'context deadline exceeded');
    }
    const fails = random.chance(this.#errors());
    const failed = new ApiError('InternalError', 'etcdserver: request timed out');
    if (fails && random.chance(0.5)) throw failed;
    const answer = await this.#act(method, act);
    // The effect took place all the same.
    if (fails) throw failed;
    return answer;
  }

  async #act(method: keyof KubePort, act: () => Promise<unknown>): Promise<unknown> {
    if (method !== 'apply' && method !== 'delete') return act();
    const before = this.#versions();
    const answer = await act();
    const after = this.#versions();
    for (const [key, version] of after) {
      if (before.get(key) !== version) this.changes += 1;
    }
    if (after.size < before.size) this.changes += 1;
    return answer;
  }

  #versions(): Map<string, string> {
    return new Map(this.state.objects().map((object) => [keyOf(object), versionOf(object)]));
  }

  #tick(): void {
    this.#scheduler.after(TICK_MS, this.process, () => {
      this.state.tick();
      this.#tick();
    });
  }
}

function versionOf({ metadata }: StoredApiObject): string {
  return `${metadata.uid} ${metadata.resourceVersion} ${metadata.deletionTimestamp ?? ''}`;
}

function keyOf({ kind, metadata }: StoredApiObject): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Of an object or what names one, `Kind namespace/name`; of anything else, itself. */
function describe(target: unknown): string {
  if (typeof target !== 'object' || target === null) return String(target ?? '');
  const { kind, metadata, ...ref } = target as Partial<StoredApiObject & KubeObjectRef>;
  const { namespace = '', name } = metadata ?? ref;
  return `${kind} ${namespace}/${name}`;
}
