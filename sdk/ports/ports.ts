import type { EffectNature } from '../api/journal.js';
import type { Logger } from '../logger.js';
import type { ApiPort, ApiReads } from './api-port.js';
import type { ClusterRef, KubePort, KubeReads } from './kube-port.js';
import type { RandomPort } from './random-port.js';
import type { SecretsPort } from './secrets-port.js';

/** Time, so that it can be simulated. */
export interface ClockPort {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** Everything outside that a reconciler may touch, and nothing else. */
export interface Ports {
  readonly api: ApiPort;
  /**
   * The Kubernetes API of a cluster. Connections and discovery are cached per kubeconfig text.
   * Making one does no I/O.
   *
   * @throws ApiError Invalid when the text is no usable kubeconfig; the message never quotes it.
   */
  kube(cluster: ClusterRef): KubePort;
  readonly secrets: SecretsPort;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: Logger;
}

/** The ports without anything that could write: what a dry run is given. */
export interface ReadPorts extends Omit<Ports, 'api' | 'kube'> {
  readonly api: ApiReads;
  kube(cluster: ClusterRef): KubeReads;
}

export type { EffectNature };

/** One call through a port, as recorded. */
export interface Effect {
  /** As it is called on `ctx`: `kube`. */
  readonly port: string;
  /** Of a port with many places: which cluster, by the name of its runtime. */
  readonly place?: string;
  readonly nature: EffectNature;
  readonly operation: string;
  /** What was touched, such as `apps/v1 Deployment default/web`. */
  readonly target: string;
  readonly outcome: 'ok' | 'failed';
  readonly error?: string;
}
