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
  /** `performance.now()` at the last answer; before the first one, at the start. */
  readonly answeredAtMs: number;
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
  let answeredAtMs = performance.now();
  while (!signal.aborted) {
    try {
      const answer = await transport.request({
        method: 'GET',
        path: '/version',
        signal,
        timeoutMs,
      });
      if (answer.statusCode >= 500) throw fromStatus(answer.statusCode, answer.body);
      answeredAtMs = performance.now();
      onResult({ failures: 0, recoveredAfter: failures, answeredAtMs });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      onResult({ failures, recoveredAfter: 0, answeredAtMs, error });
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
