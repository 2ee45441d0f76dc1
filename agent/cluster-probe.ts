import { setTimeout as delay } from 'node:timers/promises';

import { fromStatus } from '../sdk/api/errors.js';
import type { KubeTransport } from '../sdk/kube/kube-transport.js';

export interface ClusterProbeOptions {
  readonly transport: Pick<KubeTransport, 'request'>;
  /** Called after every try. Must not throw. */
  readonly onResult: (result: ProbeResult) => void;
  /** Between two tries. */
  readonly intervalMs: number;
  /** How long the cluster may take to answer. */
  readonly timeoutMs: number;
}

export interface ProbeResult {
  /** Failures in a row, this one included; 0 when the cluster answered. */
  readonly failures: number;
  /** Failures in a row before a success; 0 otherwise. */
  readonly recoveredAfter: number;
  /** `performance.now()` at the first of the failures in a row. */
  readonly failingSinceMs?: number;
  readonly error?: unknown;
}

/**
 * Asks the cluster for its version again and again, until the signal aborts: a watch that says
 * nothing looks the same whether nothing happens or the cluster hangs. Never rejects.
 */
export async function probeCluster(
  options: ClusterProbeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { transport, onResult, intervalMs, timeoutMs } = options;
  let failures = 0;
  let failingSinceMs: number | undefined;
  while (!signal.aborted) {
    const startedAtMs = performance.now();
    try {
      const answer = await transport.request({
        method: 'GET',
        path: '/version',
        signal,
        timeoutMs,
      });
      if (answer.statusCode >= 500) throw fromStatus(answer.statusCode, answer.body);
      onResult({ failures: 0, recoveredAfter: failures });
      failures = 0;
      failingSinceMs = undefined;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      failingSinceMs ??= startedAtMs;
      onResult({ failures, recoveredAfter: 0, failingSinceMs, error });
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
