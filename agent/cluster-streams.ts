import type { Discovery } from '../sdk/kube/discovery.js';
import type { KubeTransport } from '../sdk/kube/kube-transport.js';
import type { Change } from '../sdk/kube/reflector.js';
import { keptFieldsOf } from './health/index.js';
import type { InstanceIndex } from './instance-index.js';
import { entryKey, kindKey } from './instance-index.js';
import type { KeptEvent } from './kept-event.js';
import { keepEvent } from './kept-event.js';
import type { KeptObject } from './kept-object.js';
import { keepObject } from './kept-object.js';
import { KindStream } from './kind-stream.js';
import { managedBySelector, workloadInstanceLabel } from './labels.js';
import type { ClusterSight, Sighting } from './report.js';
import type { InventoryEntry } from './tracked-instance.js';

export interface ClusterStreamsOptions {
  readonly transport: Pick<KubeTransport, 'request' | 'stream'>;
  readonly discovery: Pick<Discovery, 'resource'>;
  /** Read for the kinds in use, and to tell whose a changed resource is. */
  readonly instances: InstanceIndex;
  /** The reports of these instances may have changed. */
  readonly onTouched: (instanceUids: Iterable<string>) => void;
  /** `settled` or `unreachableSinceMs` may have changed. */
  readonly onState: () => void;
}

interface Running<S extends AnyStream = AnyStream> {
  readonly stream: S;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

type AnyStream = Pick<KindStream<unknown>, 'state' | 'retryNow' | 'run'>;
type Gvk = { readonly apiVersion: string; readonly kind: string };

const POD: Gvk = { apiVersion: 'v1', kind: 'Pod' };
const EVENT: Gvk = { apiVersion: 'v1', kind: 'Event' };
/** Of these nothing but `metadata` is asked for: their values are nobody's business. */
const METADATA_ONLY = new Set(['v1/Secret', 'v1/ConfigMap']);

/**
 * One list-and-watch stream for each kind that is in use, one for pods and one for warnings; what
 * they saw, indexed for reports.
 */
export class ClusterStreams implements ClusterSight {
  readonly #options: ClusterStreamsOptions;
  readonly #kinds = new Map<string, Running<KindStream<KeptObject>>>();
  readonly #podsByInstance = new Map<string, Map<string, KeptObject>>();
  readonly #eventsByNamespace = new Map<string, Map<string, KeptEvent>>();
  readonly #ending = new Set<Promise<void>>();
  #events: Running<KindStream<KeptEvent>> | undefined;

  constructor(options: ClusterStreamsOptions) {
    this.#options = options;
  }

  /** Opens streams for kinds that came into use and closes those of kinds that went out of it. */
  followKinds(): void {
    const wanted = new Map<string, Gvk>([...this.#options.instances.kinds(), [kindKey(POD), POD]]);
    for (const [key, gvk] of wanted) {
      if (!this.#kinds.has(key)) this.#kinds.set(key, this.#open(key, gvk));
    }
    for (const [key, running] of this.#kinds) {
      if (wanted.has(key)) continue;
      this.#kinds.delete(key);
      this.#close(running);
    }
    this.#events ??= this.#openEvents();
  }

  /** Whether every kind in use was read once, or is known not to be readable. */
  get settled(): boolean {
    const streams = this.#all();
    return streams.length > 0 && streams.every(({ stream }) => stream.state.phase !== 'pending');
  }

  /** `performance.now()` since when the longest silent of the streams gets no answer. */
  get unreachableSinceMs(): number | undefined {
    const times = this.#all().flatMap(({ stream }) => stream.state.unreachableSinceMs ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The cluster answers again: ends the pauses of the streams. */
  retryNow(): void {
    for (const { stream } of this.#all()) stream.retryNow();
  }

  /** Whether the kind is being read for the first time, and nothing speaks against that it will be. */
  isReading(entry: InventoryEntry): boolean {
    const state = this.#kinds.get(kindKey(entry))?.stream.state;
    return state?.phase === 'pending' && state.unreachableSinceMs === undefined;
  }

  find(entry: InventoryEntry): Sighting {
    const stream = this.#kinds.get(kindKey(entry))?.stream;
    const { phase, message } = stream?.state ?? { phase: 'pending' };
    if (phase === 'unreadable') return { unknown: message ?? '' };
    if (phase === 'pending') return { unknown: `the agent has not read ${entry.kind} yet` };
    const object = stream?.get(entryKey(entry));
    return object === undefined ? { missing: true } : { object };
  }

  podsOf(instanceUid: string): readonly KeptObject[] {
    return [...(this.#podsByInstance.get(instanceUid)?.values() ?? [])];
  }

  eventsIn(namespace: string): Iterable<KeptEvent> {
    return this.#eventsByNamespace.get(namespace)?.values() ?? [];
  }

  /** Forgets everything and reads it again, over new connections. */
  reset(): void {
    this.#closeAll();
    this.followKinds();
  }

  /** Closes every stream; resolves when all their connections are closed. */
  async stop(): Promise<void> {
    this.#closeAll();
    await Promise.all(this.#ending);
  }

  #closeAll(): void {
    for (const running of this.#all()) this.#close(running);
    this.#kinds.clear();
    this.#events = undefined;
    this.#podsByInstance.clear();
    this.#eventsByNamespace.clear();
  }

  #open(key: string, gvk: Gvk): Running<KindStream<KeptObject>> {
    const fields = keptFieldsOf(gvk.apiVersion, gvk.kind);
    const { instances, onTouched, onState } = this.#options;
    const stream = new KindStream<KeptObject>({
      ...this.#options,
      ...gvk,
      select: { labelSelector: managedBySelector, metadataOnly: METADATA_ONLY.has(key) },
      keep: (object) => keepObject(object, gvk, fields),
      onChange: (changes) => {
        for (const change of changes) {
          if (key === kindKey(POD)) onTouched(this.#indexPod(change));
          onTouched(instances.withResource(key, change.key));
        }
      },
      onState: () => {
        onTouched(instances.withKind(key));
        onState();
      },
    });
    return run(stream);
  }

  #openEvents(): Running<KindStream<KeptEvent>> {
    const stream = new KindStream<KeptEvent>({
      ...this.#options,
      ...EVENT,
      select: { fieldSelector: 'type=Warning' },
      keep: keepEvent,
      onChange: (changes) => {
        for (const change of changes) this.#indexEvent(change);
      },
    });
    return run(stream);
  }

  /** Returns the instances that the pod belongs to, now or before. */
  #indexPod({ key, before, after }: Change<KeptObject>): string[] {
    const was = before?.metadata.labels?.[workloadInstanceLabel];
    const is = after?.metadata.labels?.[workloadInstanceLabel];
    if (was !== undefined) drop(this.#podsByInstance, was, key);
    if (is !== undefined && after !== undefined) put(this.#podsByInstance, is, key, after);
    return [was, is].filter((uid) => uid !== undefined);
  }

  #indexEvent({ key, before, after }: Change<KeptEvent>): void {
    if (before !== undefined) drop(this.#eventsByNamespace, before.involved.namespace, key);
    if (after?.isWarning === true) {
      put(this.#eventsByNamespace, after.involved.namespace, key, after);
    }
    const namespace = (after ?? before)?.involved.namespace ?? '';
    this.#options.onTouched(this.#options.instances.withNamespace(namespace));
  }

  #all(): Running[] {
    return [...this.#kinds.values(), ...(this.#events === undefined ? [] : [this.#events])];
  }

  #close(running: Running): void {
    running.abort.abort();
    this.#ending.add(running.ended);
    void running.ended.finally(() => this.#ending.delete(running.ended));
  }
}

function run<S extends AnyStream>(stream: S): Running<S> {
  const abort = new AbortController();
  return { stream, abort, ended: stream.run(abort.signal) };
}

function put<V>(index: Map<string, Map<string, V>>, group: string, key: string, value: V): void {
  const members = index.get(group);
  if (members === undefined) index.set(group, new Map([[key, value]]));
  else members.set(key, value);
}

function drop(index: Map<string, Map<string, unknown>>, group: string, key: string): void {
  const members = index.get(group);
  if (members?.delete(key) === true && members.size === 0) index.delete(group);
}
