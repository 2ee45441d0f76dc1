import { isDeepStrictEqual } from 'node:util';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { Crash, FakeWorld, type Attempt, type AttemptOptions } from '../fakes/fake-world.js';
import { declarationOf, madeIn, spoil, type Extension, type Spoiling } from './extension.js';

/** One case that every reconciler must pass. `run` rejects with what is wrong. */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

const RUNTIME = 'here';
const NAME = 'one';
const MOST_ATTEMPTS = 30;

/**
 * The cases of one kind, each in a world of its own: the real runtime around the reconciler, API and
 * cluster in memory. The cluster is the KubernetesRuntimeInstance `here`.
 */
export function conformanceCases(extension: Extension): readonly ConformanceCase[] {
  const on = (name: string, run: (bench: Bench) => Promise<void>): ConformanceCase => ({
    name,
    run: () => run(new Bench(extension)),
  });
  const spoilings: readonly Spoiling[] = ['edit', 'delete'];
  return [
    on('first time: what the object asks for is there', (bench) => bench.settle()),
    on('twice is once: a second look writes nothing', async (bench) => {
      await bench.settle();
      await bench.mustWriteNothing('nothing had changed');
    }),
    on(
      'already right: what is there is not written again, though the status is lost',
      async (bench) => {
        await bench.settle();
        bench.loseStatus();
        await bench.mustWriteNothing('all was there');
        await bench.settle();
      },
    ),
    on('changed: what was made is changed with the object', async (bench) => {
      await bench.settle();
      bench.put(2);
      await bench.settle();
    }),
    ...spoilings.map((how) =>
      on(`drifted (${how}): what others change is put right`, async (bench) => {
        await bench.settle();
        for (const object of madeIn(bench.world.cluster)) {
          spoil(bench.world.cluster, object, how);
          await bench.settle();
        }
      }),
    ),
    on('runtime missing: it waits, is not polled, makes nothing', async (bench) => {
      await bench.withoutRuntime('RuntimeMissing');
    }),
    on('runtime not ready: it waits, is not polled, makes nothing', async (bench) => {
      bench.putRuntime(false);
      await bench.withoutRuntime('RuntimeNotReady');
    }),
    on('every call fails in turn: trying again mends it', (bench) => bench.failing()),
    on('crash after every effect: nothing is lost, nothing doubled', (bench) => bench.crashing()),
    on('deleted: nothing is left', (bench) => bench.remove()),
    on('deleted twice over: a second clean-up does no harm', async (bench) => {
      await bench.settle();
      bench.askDelete();
      const object = bench.object();
      await bench.untilGone();
      bench.world.api.replace(object);
      await bench.untilGone();
    }),
    on('clean-up fails at every call in turn: it goes on, the finalizer stays', async (bench) => {
      await bench.failing('delete');
    }),
    on('crash after every effect of the clean-up: nothing is left', async (bench) => {
      await bench.crashing('delete');
    }),
  ];
}

/** One object of the kind in a world of its own. */
class Bench {
  readonly world = new FakeWorld();
  readonly #extension: Extension;
  readonly #kind;
  readonly #key;

  constructor(extension: Extension) {
    this.#extension = extension;
    const { kinds, kind } = declarationOf(extension);
    this.#kind = kind;
    this.#key = { kind: kind.kind, metadata: { name: NAME } };
    this.world.api.registry.add(...kinds);
    this.putRuntime(true);
    this.put(1);
  }

  object(): StoredApiObject {
    const found = this.world.api.get(this.#kind.kind, NAME);
    if (found === undefined) throw new Error('the object is gone');
    return found;
  }

  put(turn: number): void {
    const object = this.#extension.object(NAME, turn, RUNTIME);
    const namespace = this.#kind.namespaced ? { namespace: 'default' } : {};
    const before = this.world.api.get(this.#kind.kind, NAME)?.metadata;
    const metadata = { ...before, ...namespace, ...object.metadata, name: NAME };
    this.world.api.put({ ...object, metadata });
  }

  putRuntime(isReady: boolean): void {
    for (const object of runtimeObjects(isReady)) this.world.api.put(object);
  }

  loseStatus(): void {
    const { status: _lost, ...object } = this.object();
    this.world.api.replace(object as StoredApiObject);
  }

  attempt(options: AttemptOptions = {}): Promise<Attempt | undefined> {
    return this.world.attempt(this.#extension.reconciler, this.#key, options);
  }

  async mustWriteNothing(why: string): Promise<void> {
    const { writes = [] } = (await this.attempt()) ?? {};
    const [first] = writes;
    if (first === undefined) return;
    throw new Error(`${why}, and it called ${first.operation} of ${first.target}`);
  }

  /** Attempts until the object is reconciled and the cluster as it should be. */
  async settle(): Promise<void> {
    let said = 'nothing';
    for (let tries = 0; tries < MOST_ATTEMPTS; tries++) {
      const attempt = await this.attempt();
      this.world.cluster.tick();
      const { status, reason, message } = this.world.condition(this.#key, 'Reconciled') ?? {};
      said = `Reconciled ${status} ${reason}: ${message}`;
      const isQuiet = attempt?.writes.length === 0 && !attempt.statusWritten;
      if (status === 'True' && isQuiet) {
        return this.#check([this.object()]);
      }
    }
    throw new Error(`after ${MOST_ATTEMPTS} attempts it does not rest; it says ${said}`);
  }

  /** Without its runtime it waits for `reason`; with it, it goes on. */
  async withoutRuntime(reason: string): Promise<void> {
    const runtime = this.world.api.get('KubernetesRuntimeInstance', RUNTIME);
    if (reason === 'RuntimeMissing' && runtime !== undefined) {
      await this.world.api.delete('kubernetesruntimeinstances.kubernetes.threeport.io', runtime);
      this.world.api.replace({
        ...runtime,
        metadata: { ...runtime.metadata, deletionTimestamp: SINCE, finalizers: [] },
      });
    }
    const attempt = await this.attempt();
    const condition = this.world.condition(this.#key, 'Reconciled');
    if (condition?.status !== 'False') {
      throw new Error(`it says Reconciled ${condition?.status}: it does not use its runtime`);
    }
    if (attempt?.failures !== 0) throw new Error('it fails in place of waiting: use waitingFor');
    if (attempt.requeueAfterMs !== undefined) {
      throw new Error('it polls: a reference in crd.yaml wakes it');
    }
    if (attempt.writes.length > 0) throw new Error('it writes before it has what it needs');
    this.putRuntime(true);
    await this.settle();
  }

  askDelete(): void {
    const object = this.object();
    const metadata = { ...object.metadata, deletionTimestamp: SINCE };
    this.world.api.replace({ ...object, metadata });
  }

  async untilGone(): Promise<void> {
    for (let tries = 0; tries < MOST_ATTEMPTS; tries++) {
      if ((await this.attempt()) === undefined) return this.#check([]);
      this.world.cluster.tick();
    }
    throw new Error(`after ${MOST_ATTEMPTS} attempts it is not gone`);
  }

  async remove(): Promise<void> {
    await this.settle();
    this.askDelete();
    await this.untilGone();
  }

  /** From the first call on each fails once, before its effect and after it. */
  async failing(what?: 'delete'): Promise<void> {
    for (const afterEffect of [false, true]) {
      for (let call = 1; ; call++) {
        const bench = new Bench(this.#extension);
        if (what === 'delete') await bench.settle().then(() => bench.askDelete());
        const attempt = await bench.attempt({ fail: { call, afterEffect } });
        await bench.#mend(
          what,
          `call ${call} failed ${afterEffect ? 'after' : 'before'} its effect`,
        );
        if (attempt === undefined || attempt.calls < call) break;
      }
    }
  }

  /** Dies after the first write, after the second, and so on. */
  async crashing(what?: 'delete'): Promise<void> {
    for (let crashAfterWrites = 1; ; crashAfterWrites++) {
      const bench = new Bench(this.#extension);
      if (what === 'delete') await bench.settle().then(() => bench.askDelete());
      const died = await bench.attempt({ crashAfterWrites }).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Crash) return true;
          throw error;
        },
      );
      await bench.#mend(what, `it died after write ${crashAfterWrites}`);
      if (!died) return;
    }
  }

  async #mend(what: 'delete' | undefined, after: string): Promise<void> {
    try {
      await (what === 'delete' ? this.untilGone() : this.settle());
    } catch (error) {
      throw new Error(`${after}: ${(error as Error).message}`, { cause: error });
    }
  }

  #check(objects: readonly StoredApiObject[]): void {
    const made = madeIn(this.world.cluster);
    const complaints = this.#extension.complaints(objects, made);
    if (objects.length === 0 && !isDeepStrictEqual(made, [])) {
      complaints.push(`left behind: ${this.world.cluster.names().join(', ')}`);
    }
    if (complaints.length > 0) throw new Error(complaints.join('; '));
  }
}

const SINCE = '2026-01-01T00:00:00Z';

function runtimeObjects(isReady: boolean): readonly ApiObject[] {
  const apiVersion = 'kubernetes.threeport.io/v1alpha1';
  const condition = {
    type: 'Ready',
    status: isReady ? 'True' : 'False',
    reason: 'Test',
    message: isReady ? '' : 'connection refused',
    lastTransitionTime: SINCE,
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: RUNTIME, namespace: 'default' },
      data: { kubeconfig: Buffer.from('the kubeconfig').toString('base64') },
    },
    {
      apiVersion,
      kind: 'KubernetesRuntimeInstance',
      metadata: { name: RUNTIME },
      spec: { definition: 'existing', kubeconfigSecret: { name: RUNTIME } },
      status: { conditions: [condition] },
    },
  ];
}
