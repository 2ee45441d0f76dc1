import { createClientOver, type Client } from '../../client/index.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { createReconcilers } from '../../reconcilers/reconcilers.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createControlPlane } from '../../server/control-plane.js';
import { SchemaValidator } from '../../server/schema/schema-validator.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import { Network, type Weather } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import { SimProcess } from '../kernel/sim-process.js';
import type { Trace } from '../kernel/trace.js';
import { remoteStore } from './remote-store.js';
import { SimBus, type HintFaults } from './sim-bus.js';
import { SimCluster } from './sim-cluster.js';
import { simTransport, type Endpoint } from './sim-transport.js';

const TOKENS = {
  admin: 'admin-token-of-the-simulation',
  reconcilers: 'reconcilers-token-of-the-simulation',
};
/** Compiled schemas serve every world of this thread. */
const validator = new SchemaValidator();
const SWEEP_MS = 5_000;

export interface SimWorldOptions {
  readonly random: SeededRandom;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly hintFaults: () => HintFaults;
  readonly trace: Trace;
  readonly servers: number;
  readonly workers: number;
  readonly clusters: number;
}

/** A part that is started again some time after it was killed. */
interface Member {
  readonly name: string;
  start(process: SimProcess): void;
  process: SimProcess;
}

/** The whole control plane and what it works on, in one thread. */
export class SimWorld {
  readonly store: MemoryObjectStore;
  readonly clusters: readonly SimCluster[];
  readonly bus: SimBus;
  /** As an administrator, from outside. */
  readonly client: Client;
  readonly members: readonly Member[];
  readonly #options: SimWorldOptions;
  readonly #network: Network;
  readonly #endpoints = new Map<string, Endpoint>();
  #database = new SimProcess('database');

  constructor(options: SimWorldOptions) {
    const { scheduler, random, weather, trace } = options;
    this.#options = options;
    this.#network = new Network(scheduler, weather, (what) => trace.note(scheduler.nowMs, what));
    this.store = new MemoryObjectStore({ kinds });
    this.bus = new SimBus(scheduler, random.fork(), options.hintFaults);
    this.clusters = numbered(
      options.clusters,
      (index) => new SimCluster(`c${index}`, this.#network, scheduler),
    );
    this.client = this.#clientOf('admin');
    this.members = [
      ...numbered(options.servers, (index) =>
        this.#member(`server-${index}`, (process) => this.#startServer(process)),
      ),
      ...numbered(options.workers, (index) =>
        this.#member(`worker-${index}`, (process) => this.#startWorker(process)),
      ),
    ];
    for (const member of this.members) this.#start(member);
  }

  /** Ends a part as kill -9 does; it is back after a time. */
  kill(name: string, awayMs: number): void {
    const { scheduler, trace } = this.#options;
    trace.note(scheduler.nowMs, `kill ${name}`);
    if (name === 'database') {
      this.#database.kill();
      scheduler.after(awayMs, scheduler.world, () => (this.#database = new SimProcess('database')));
      return;
    }
    const member = this.members.find((each) => each.name === name);
    if (member === undefined || !member.process.isAlive) return;
    member.process.kill();
    scheduler.after(awayMs, scheduler.world, () => {
      member.process = new SimProcess(name);
      this.#start(member);
    });
  }

  #member(name: string, start: (process: SimProcess) => void): Member {
    return { name, start, process: new SimProcess(name) };
  }

  #start({ process, start }: Member): void {
    this.#options.scheduler.after(0, process, () => start(process));
  }

  #startServer(process: SimProcess): void {
    const { trace, scheduler } = this.#options;
    const plane = createControlPlane({
      store: remoteStore(
        () => ({ process: this.#database, store: this.store }),
        this.#network,
        scheduler,
      ),
      registry: new KindRegistry(kinds),
      queue: this.bus.connect(),
      authenticator: createTokenAuthenticator([
        { token: TOKENS.admin, user: 'admin', groups: ['system:masters'] },
        { token: TOKENS.reconcilers, user: 'reconcilers', groups: ['threeport:reconcilers'] },
      ]),
      validator,
      logger: nopLogger,
      version: '0.0.0',
    });
    this.#run(process, plane, () => {
      trace.note(scheduler.nowMs, `${process.name} serves`);
      this.#endpoints.set(process.name, { process, handle: plane.handle });
    });
  }

  #startWorker(process: SimProcess): void {
    const part = createReconcilers({
      client: this.#clientOf('reconcilers'),
      queue: this.bus.connect(),
      kube: (kubeconfig) => this.#clusterOf(kubeconfig).port(),
      logger: nopLogger,
      worker: { name: `${process.name}`, sweepMs: SWEEP_MS },
    });
    this.#run(process, part, () => undefined);
  }

  /** A part that cannot start is started again: its supervisor would. */
  #run(process: SimProcess, part: Part, isUp: () => void): void {
    part.start(new AbortController().signal).then(isUp, () => this.kill(process.name, 1_000));
  }

  #clientOf(who: keyof typeof TOKENS): Client {
    const transport = simTransport({
      network: this.#network,
      token: TOKENS[who],
      endpoint: () => {
        const live = [...this.#endpoints.values()].filter(({ process }) => process.isAlive);
        return live.length === 0 ? undefined : this.#options.random.pick(live);
      },
    });
    return createClientOver(transport, new KindRegistry(kinds));
  }

  #clusterOf(kubeconfig: string): SimCluster {
    const found = this.clusters.find(({ name }) => kubeconfig.includes(`name: ${name}`));
    if (found === undefined) throw new Error('a kubeconfig of no cluster');
    return found;
  }
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
