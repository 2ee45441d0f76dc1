import type { WorkKey } from '../api/work.js';

/** A hint at one object. */
export interface WakeHint extends WorkKey {
  /** The trace of what it tells of: W3C Trace Context. */
  readonly traceparent?: string;
}

/** Takes hints. Called with at least one key; must not throw and must not block. */
export type WakeHandler = (keys: readonly WakeHint[]) => void;

/**
 * Carries hints ("look at this object") from the notifier to workers. Hints may be lost, repeated
 * and reordered: the row of the object is the truth, and the sweep finds what no hint told of.
 * Each hint goes to one of the subscribers of its resource, over all processes.
 */
export interface WakeQueue {
  /**
   * Tells workers of these objects. Never rejects; resolves when the hints are handed over, or
   * given up because the broker is away or slow (100 ms).
   */
  publish(keys: readonly WakeHint[]): Promise<void>;
  /** Takes hints for these resources, also over reconnects. Returns what ends it. */
  subscribe(resources: readonly string[], handler: WakeHandler): () => void;
  /** While `disconnected` no hints come: sweep more often. */
  readonly status: 'connected' | 'disconnected';
  /** Begins connecting, and goes on until `stop`: a broker that is away is no failure. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends subscriptions and closes the connection, within 2 s. Idempotent. */
  stop(): Promise<void>;
}
