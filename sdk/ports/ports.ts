import type { Logger } from '../logger.js';
import type { ApiPort } from './api-port.js';
import type { KubePort } from './kube-port.js';

/** Time, so that it can be simulated. */
export interface ClockPort {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** Everything outside that a reconciler may touch, and nothing else. */
export interface Ports {
  readonly api: ApiPort;
  /**
   * The Kubernetes API of a cluster, reached by this kubeconfig. Connections and discovery are
   * cached per kubeconfig text. Making one does no I/O.
   *
   * @throws ApiError Invalid when the text is no usable kubeconfig; the message never quotes it.
   */
  kube(kubeconfig: string): KubePort;
  readonly clock: ClockPort;
  readonly log: Logger;
}

/** What a port's method does to the world. */
export type EffectNature = 'read' | 'create' | 'update' | 'delete';

/** One call through a port, as recorded. */
export interface Effect {
  readonly port: 'api' | 'kube';
  readonly nature: EffectNature;
  readonly operation: string;
  /** What was touched, such as `apps/v1 Deployment default/web`. */
  readonly target: string;
  readonly outcome: 'ok' | 'failed';
  readonly error?: string;
}
