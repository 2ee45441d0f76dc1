import { createClientOver, type Client } from '../../client/index.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { errorChain } from '../../sdk/error-chain.js';
import { nopLogger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { createReconcilers, type ReconcilersOptions } from '../../reconcilers/reconcilers.js';
import { reconcilers as builtInReconcilers } from '../../reconcilers/registry.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createControlPlane } from '../../server/control-plane.js';
import { SchemaValidator } from '../../server/schema/schema-validator.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import { machineReconciler } from '../cloud/machine-reconciler.js';
import { rosterReconciler } from '../cloud/roster-reconciler.js';
import { SimCloud } from '../cloud/sim-cloud.js';
import { Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import { SimProcess } from '../kernel/sim-process.js';
import type { Trace } from '../kernel/trace.js';
import { LeaseOracle } from '../oracles/lease-oracle.js';
import type { Substitutes } from '../plants/plant.js';
import type { Strike } from '../scenario/scenario.js';
import type { Misfortune } from './misfortune.js';
import { CommitBell, remoteStore } from './remote-store.js';
import { SimBus } from './sim-bus.js';
import { SimCluster } from './sim-cluster.js';
import { simulatedKinds } from './simulated-kinds.js';
import { simTransport, type Endpoint } from './sim-transport.js';

const TOKENS = {
  admin: 'admin-token-of-the-simulation',
  reconcilers: 'reconcilers-token-of-the-simulation',
};
/** Compiled schemas serve every world of this thread. */
const validator = new SchemaValidator();
const SWEEP_MS = 5_000;
/** Short, so that a story sees many. */
export const RESYNC_MS = 30_000;

export interface SimWorldOptions {
  readonly random: SeededRandom;
  readonly scheduler: Scheduler;
  readonly misfortune: Misfortune;
  readonly trace: Trace;
  readonly servers: number;
  readonly workers: number;
  /** Whether objects are looked at from time to time though nothing changed. */
  readonly resyncs: boolean;
  /** Kinds that people know of besides. */
  readonly kinds?: readonly KindDefinition[];
  /** Runs in every worker process beside the built-in reconcilers. */
  readonly extension?: (host: ExtensionHost) => Part;
  /** A bug to be found. */
  readonly plant?: Substitutes;
}

/** What a process of the simulated world has for the reconcilers of an author. */
export interface ExtensionHost extends Pick<ReconcilersOptions, 'queue' | 'kube'> {
  client(registry: KindRegistry): Client;
  readonly worker: NonNullable<ReconcilersOptions['worker']>;
}

/** A part that is started again some time after it was killed. */
interface Member {
  readonly name: string;
  start(process: SimProcess): void;
  process: SimProcess;
}

/** The whole control plane and what it works on, in one thread. */
export class SimWorld {
  /** What the database holds; not as anybody in the world sees it. */
  readonly store = new MemoryObjectStore({ kinds: simulatedKinds });
  readonly leases: LeaseOracle;
  readonly cluster: SimCluster;
  readonly cloud: SimCloud;
  readonly bus: SimBus;
  /** As an administrator, from outside. */
  readonly client: Client;
  /** The same, for who watches. */
  readonly watchingClient: Client;
  readonly #members: readonly Member[];
  readonly #options: SimWorldOptions;
  readonly #network: Network;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #bell = new CommitBell();
  #database = new SimProcess('database');

  constructor(options: SimWorldOptions) {
    const { scheduler, random, misfortune, trace } = options;
    this.#options = options;
    this.#network = new Network(
      scheduler,
      (from, to, what) => misfortune.delivery(from, to, what),
      (what) => trace.note(scheduler.nowMs, what),
    );
    const database = options.plant?.database?.(this.store) ?? this.store;
    this.leases = new LeaseOracle(database, () => Math.floor(scheduler.nowMs));
    this.bus = new SimBus(scheduler, random.fork(), () => misfortune.weather);
    const errors = (): number => misfortune.weather.outsideErrors;
    const outside = { network: this.#network, scheduler, errors };
    this.cluster = new SimCluster('c0', { ...outside, random: random.fork() });
    this.cloud = new SimCloud({ ...outside, random: random.fork() });
    const known = [...simulatedKinds, ...(options.kinds ?? [])];
    this.client = this.#clientOf('admin', new KindRegistry(known));
    this.watchingClient = options.plant?.watcher?.(this.client) ?? this.client;
    this.#members = [
      ...numbered('server', options.servers, (process) => this.#startServer(process)),
      ...numbered('worker', options.workers, (process) => this.#startWorker(process)),
    ];
    for (const member of this.#members) this.#start(member);
  }

  /** What its enemies do to it. */
  strike(strike: Strike): void {
    const { scheduler, trace } = this.#options;
    trace.note(scheduler.nowMs, `strike ${JSON.stringify(strike)}`);
    switch (strike.strike) {
      case 'kill': {
        const { process: name, awayMs, at, count = 1 } = strike;
        const kill = (): void => this.#kill(name, awayMs);
        if (at === undefined) kill();
        else this.#processOf(name)?.lightFuse({ at, count, blow: kill });
        return;
      }
      case 'pause': {
        const process = this.#processOf(strike.process);
        if (process !== undefined) process.pausedUntilMs = scheduler.nowMs + strike.forMs;
        return;
      }
      case 'clock': {
        const process = this.#processOf(strike.process);
        if (process !== undefined) process.skewMs = strike.aheadMs;
        return;
      }
      case 'cluster':
        this.cluster.health = strike.health;
        scheduler.after(strike.forMs, scheduler.world, () => (this.cluster.health = 'well'));
        return;
      case 'bus':
        this.bus.isUp = false;
        scheduler.after(strike.forMs, scheduler.world, () => (this.bus.isUp = true));
    }
  }

  /** Everybody is well again. Clocks are set right; who sleeps wakes up in its time. */
  recover(): void {
    this.bus.isUp = true;
    this.cluster.health = 'well';
    for (const { process } of this.#members) {
      process.skewMs = 0;
      process.lightFuse(undefined);
    }
  }

  /** When the last one that sleeps wakes up. */
  get awakeAtMs(): number {
    return Math.max(...this.#members.map(({ process }) => process.pausedUntilMs));
  }

  /** A part that comes back some time after it died. */
  #kill(name: string, awayMs: number): void {
    const { scheduler, trace } = this.#options;
    trace.note(scheduler.nowMs, `kill ${name}`);
    if (name === 'database') {
      this.#database.kill();
      scheduler.after(awayMs, scheduler.world, () => (this.#database = new SimProcess('database')));
      return;
    }
    const member = this.#members.find((each) => each.name === name);
    if (member === undefined || !member.process.isAlive) return;
    member.process.kill();
    scheduler.after(awayMs, scheduler.world, () => {
      member.process = new SimProcess(name);
      this.#start(member);
    });
  }

  #processOf(name: string): SimProcess | undefined {
    if (name === 'database') return this.#database;
    return this.#members.find((each) => each.name === name)?.process;
  }

  #start({ process, start }: Member): void {
    this.#options.scheduler.after(0, process, () => start(process));
  }

  #startServer(process: SimProcess): void {
    const { trace, scheduler, plant } = this.#options;
    const store = remoteStore(() => ({ process: this.#database, store: this.leases.store }), {
      network: this.#network,
      scheduler,
      bell: this.#bell,
    });
    const plane = createControlPlane({
      store: plant?.store?.(store) ?? store,
      registry: new KindRegistry(simulatedKinds),
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
    const { plant, resyncs } = this.#options;
    const client = this.#clientOf('reconcilers');
    const cloud = this.cloud.port();
    const paces = {
      sweepMs: SWEEP_MS,
      observers: [this.leases.observer],
      ...(resyncs && { resyncMs: RESYNC_MS }),
    };
    const all = [
      ...builtInReconcilers,
      machineReconciler(plant?.cloud?.(cloud) ?? cloud) as Reconciler,
      rosterReconciler as Reconciler,
    ];
    const part = createReconcilers({
      client: plant?.client?.(client) ?? client,
      queue: this.bus.connect(),
      kube: () => {
        const port = this.cluster.port();
        return plant?.kube?.(port) ?? port;
      },
      logger: nopLogger,
      registry: new KindRegistry(simulatedKinds.map((kind) => plant?.kind?.(kind) ?? kind)),
      reconcilers: all.map((each) => plant?.reconciler?.(each) ?? each),
      worker: { name: process.name, ...paces },
    });
    this.#run(process, part, () => undefined);
    const author = this.#options.extension?.({
      client: (registry) => this.#clientOf('reconcilers', registry),
      queue: this.bus.connect(),
      kube: () => this.cluster.port(),
      worker: { name: `${process.name}-author`, ...paces },
    });
    if (author !== undefined) this.#run(process, author, () => undefined);
  }

  /** A part that cannot start is started again: its supervisor would. */
  #run(process: SimProcess, part: Part, isUp: () => void): void {
    const { trace, scheduler } = this.#options;
    part.start(new AbortController().signal).then(isUp, (error: unknown) => {
      trace.note(scheduler.nowMs, `${process.name} cannot start: ${errorChain(error)}`);
      this.#kill(process.name, 1_000);
    });
  }

  #clientOf(who: keyof typeof TOKENS, registry = new KindRegistry(simulatedKinds)): Client {
    const transport = simTransport({
      network: this.#network,
      scheduler: this.#options.scheduler,
      token: TOKENS[who],
      endpoint: () => {
        const live = [...this.#endpoints.values()].filter(({ process }) => process.isAlive);
        return live.length === 0 ? undefined : this.#options.random.pick(live);
      },
    });
    return createClientOver(transport, registry);
  }
}

function numbered(name: string, count: number, start: (process: SimProcess) => void): Member[] {
  return Array.from({ length: count }, (_, index) => {
    const full = `${name}-${index}`;
    return { name: full, start, process: new SimProcess(full) };
  });
}
