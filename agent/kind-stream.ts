import { setTimeout as delay } from 'node:timers/promises';

import { errorChain } from '../sdk/error-chain.js';
import { isApiError } from '../sdk/api/errors.js';
import type { ApiObject } from '../sdk/api/object.js';
import type { Discovery } from '../sdk/kube/discovery.js';
import type { KubeTransport } from '../sdk/kube/kube-transport.js';
import type { Change } from '../sdk/kube/reflector.js';
import { Reflector } from '../sdk/kube/reflector.js';
import type { KubeSelect } from '../sdk/kube/kube-list-watch.js';
import { createKubeListWatch } from '../sdk/kube/kube-list-watch.js';

/**
 * pending: not read yet. synced: its copy is good, or as good as `unreachableSinceMs` says.
 * unreadable: the cluster answers, but does not let this kind be read; `message` says why.
 */
export interface StreamState {
  readonly phase: 'pending' | 'synced' | 'unreadable';
  readonly message?: string;
  /** `performance.now()` since when the cluster does not answer. */
  readonly unreachableSinceMs?: number;
}

export interface KindStreamOptions<K> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly transport: Pick<KubeTransport, 'request' | 'stream'>;
  readonly discovery: Pick<Discovery, 'resource'>;
  readonly select: KubeSelect;
  readonly keep: (object: ApiObject) => K;
  readonly onChange: (changes: readonly Change<K>[]) => void;
  readonly onState: () => void;
  /** Pause before an unknown kind is looked up again. Default 5,000. */
  readonly unknownKindRetryMs?: number;
}

/** One kind of a cluster: looked up in its discovery until it is there, then reflected. */
export class KindStream<K> {
  readonly #options: KindStreamOptions<K>;
  #reflector: Reflector<K> | undefined;
  #lookupFailure: { readonly sinceMs: number; readonly error: unknown } | undefined;
  #isUnknown = false;

  constructor(options: KindStreamOptions<K>) {
    this.#options = options;
  }

  get state(): StreamState {
    const { apiVersion, kind } = this.#options;
    if (this.#isUnknown) {
      return { phase: 'unreadable', message: `the cluster has no kind ${kind} in ${apiVersion}` };
    }
    const failure = this.#reflector?.failure ?? this.#lookupFailure;
    if (failure !== undefined && isRefusal(failure.error)) {
      const why = errorChain(failure.error);
      return { phase: 'unreadable', message: `the agent cannot read ${kind}: ${why}` };
    }
    return {
      phase: this.#reflector?.synced === true ? 'synced' : 'pending',
      ...(failure !== undefined && { unreachableSinceMs: failure.sinceMs }),
    };
  }

  get(key: string): K | undefined {
    return this.#reflector?.get(key);
  }

  *values(): IterableIterator<K> {
    if (this.#reflector !== undefined) yield* this.#reflector.values();
  }

  retryNow(): void {
    this.#reflector?.retryNow();
  }

  /** Works until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { transport, discovery, apiVersion, kind, unknownKindRetryMs = 5_000 } = this.#options;
    const { select, keep, onChange, onState } = this.#options;
    for (let retryMs = 250; !signal.aborted; retryMs = Math.min(2 * retryMs, 5_000)) {
      try {
        const resource = await discovery.resource(apiVersion, kind);
        this.#lookupFailure = undefined;
        this.#isUnknown = resource === undefined;
        if (resource !== undefined) {
          const source = createKubeListWatch(transport, resource, select);
          this.#reflector = new Reflector({ source, keep, onChange, onState });
          return await this.#reflector.run(signal);
        }
        retryMs = unknownKindRetryMs;
      } catch (error) {
        this.#lookupFailure = { sinceMs: this.#lookupFailure?.sinceMs ?? performance.now(), error };
      }
      if (!signal.aborted) onState();
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The cluster is there and says no: to this kind, not to the agent as a whole. */
function isRefusal(error: unknown): boolean {
  return (
    ['Forbidden', 'NotFound', 'MethodNotAllowed', 'BadRequest', 'NotAcceptable'] as const
  ).some((reason) => isApiError(error, reason));
}
