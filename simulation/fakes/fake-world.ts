import type { Condition } from '../../sdk/api/condition.js';
import { ApiError } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Completion, CompletionResult } from '../../sdk/api/work.js';
import { nopLogger } from '../../sdk/logger.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { interceptPorts } from '../../sdk/ports/intercept-ports.js';
import type { Effect, Ports } from '../../sdk/ports/ports.js';
import { systemRandom } from '../../sdk/ports/random-port.js';
import { recordEffects } from '../../sdk/ports/record-effects.js';
import { createSecrets } from '../../sdk/ports/secrets-port.js';
import { runAttempt } from '../../sdk/runtime/attempt.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { FakeApi } from './fake-api.js';
import { FakeCluster } from './fake-cluster.js';

/** The process died: whatever it would have done next has not happened. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

const OUT_OF_TIME = new ApiError('InternalError', 'etcdserver: request timed out');

export interface Attempt {
  /** Writes through ports, in order; the status is not among them. */
  readonly writes: readonly Effect[];
  /** What the cluster was asked for, in order, but for its discovery, which is cached. */
  readonly clusterReads: readonly Effect[];
  /** Calls through ports, of whatever nature. */
  readonly calls: number;
  readonly requeueAfterMs: number | undefined;
  readonly failures: number;
  readonly statusWritten: boolean;
}

export interface AttemptOptions {
  /** Dies right after that many writes; checkpoints count. */
  readonly crashAfterWrites?: number;
  /** The n-th call through a port, from 1, fails: before or after its effect. */
  readonly fail?: { readonly call: number; readonly afterEffect: boolean };
}

/** API, cluster and the real runtime around a reconciler, in memory. */
export class FakeWorld {
  readonly api = new FakeApi();
  readonly cluster = new FakeCluster();
  /** What `ctx.kube` was called with. */
  readonly kubeconfigs: string[] = [];
  /** What died attempts noted down, by uid. */
  readonly #checkpoints = new Map<string, Record<string, unknown>>();
  nowMs = Date.parse('2026-06-01T00:00:00Z');
  alive = true;
  /** In place of `cluster`. */
  kube: KubePort | undefined;
  /** Thrown by `ctx.kube`. */
  unusableKubeconfig: Error | undefined;

  /** Runs one attempt. Undefined when the object is gone. @throws Crash */
  async attempt(
    reconciler: Reconciler,
    object: { readonly kind: string; readonly metadata: { readonly name: string } },
    options: AttemptOptions = {},
  ): Promise<Attempt | undefined> {
    const stored = this.api.get(object.kind, object.metadata.name);
    if (stored === undefined) return undefined;
    const effects: Effect[] = [];
    let writes = 0;
    let calls = 0;
    const noteWrite = (): void => {
      if (++writes === options.crashAfterWrites) throw new Crash(`after write ${writes}`);
    };
    const crashing = interceptPorts(this.ports(), async (call, make) => {
      if (options.crashAfterWrites !== undefined && writes >= options.crashAfterWrites) {
        throw new Crash('the process is dead');
      }
      const isToFail = ++calls === options.fail?.call;
      if (isToFail && options.fail?.afterEffect === false) throw OUT_OF_TIME;
      const result = await make();
      if (isToFail) throw OUT_OF_TIME;
      if (call.nature !== 'read') noteWrite();
      return result;
    });
    const checkpoint = this.#checkpoints.get(stored.metadata.uid);
    let crashed: Crash | undefined;
    const result = await runAttempt({
      reconciler,
      kind: this.api.registry.resource(reconciler.resource),
      object: stored,
      ...(checkpoint !== undefined && { checkpoint }),
      fence: 1,
      failures: 0,
      alive: this.alive,
      ports: recordEffects(crashing, (effect) => effects.push(effect)),
      signal: new AbortController().signal,
      checkLease: () => undefined,
      timeLimitMs: 5_000,
      random: () => 0.5,
      write: async (change) => {
        const written = this.#complete(stored, change);
        noteWrite();
        return Promise.resolve(written);
      },
    }).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      crashed = error;
      return undefined;
    });
    if (crashed !== undefined || writes >= (options.crashAfterWrites ?? Infinity)) {
      throw crashed ?? new Crash('after the last write');
    }
    const completion = result?.completion;
    if (completion !== undefined) this.#complete(stored, completion);
    return {
      writes: effects.filter(({ nature }) => nature !== 'read'),
      clusterReads: effects.filter(
        ({ port, nature, operation }) =>
          port === 'kube' && nature === 'read' && operation !== 'resource',
      ),
      calls,
      requeueAfterMs: completion?.requeueAfterMs,
      failures: completion?.failures ?? 0,
      statusWritten: completion?.status !== undefined,
    };
  }

  /** Attempts until one changes nothing and asks for nothing; time passes in the cluster between. */
  async settle(
    reconciler: Reconciler,
    object: { readonly kind: string; readonly metadata: { readonly name: string } },
  ): Promise<void> {
    for (let round = 0; round < 20; round++) {
      const attempt = await this.attempt(reconciler, object);
      this.cluster.tick();
      if (attempt === undefined) return;
      const quiet = attempt.writes.length === 0 && !attempt.statusWritten;
      if (quiet && attempt.requeueAfterMs === undefined) return;
    }
    throw new Error(`${object.kind} ${object.metadata.name} does not settle`);
  }

  condition(
    object: { readonly kind: string; readonly metadata: { readonly name: string } },
    type: string,
  ): Pick<Condition, 'status' | 'reason' | 'message'> | undefined {
    const status = this.api.get(object.kind, object.metadata.name)?.status as
      { conditions?: Condition[] } | undefined;
    const found = status?.conditions?.find((condition) => condition.type === type);
    if (found === undefined) return undefined;
    return { status: found.status, reason: found.reason, message: found.message };
  }

  /** As an attempt gets them, before anything is wrapped around. */
  ports(): Ports {
    return {
      api: this.api,
      clock: { nowMs: () => this.nowMs },
      log: nopLogger,
      secrets: createSecrets(this.api),
      random: systemRandom,
      kube: ({ kubeconfig }) => {
        this.kubeconfigs.push(kubeconfig);
        if (this.unusableKubeconfig !== undefined) throw this.unusableKubeconfig;
        return this.kube ?? this.cluster;
      },
    };
  }

  #complete(
    { kind, metadata, apiVersion }: ApiObject,
    change: Pick<Completion, 'status' | 'checkpoint' | 'addFinalizer' | 'removeFinalizer'>,
  ): CompletionResult {
    const uid = metadata.uid ?? '';
    if (change.checkpoint !== undefined) this.#checkpoints.set(uid, change.checkpoint);
    if (change.status !== undefined) this.#checkpoints.delete(uid);
    const object = this.api.get(kind, metadata.name);
    if (object === undefined) return { uid, outcome: 'gone' };
    const finalizers = (object.metadata.finalizers ?? []).filter(
      (finalizer) => finalizer !== change.removeFinalizer,
    );
    if (change.addFinalizer !== undefined) finalizers.push(change.addFinalizer);
    const next = {
      ...object,
      apiVersion,
      metadata: { ...object.metadata, finalizers },
      ...(change.status !== undefined && { status: change.status }),
    } as StoredApiObject;
    if (JSON.stringify(next) !== JSON.stringify(object)) this.api.replace(next);
    return { uid, outcome: 'done', object: next };
  }
}
