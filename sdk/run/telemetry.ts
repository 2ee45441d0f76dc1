import { HealthServer } from '../health-server.js';
import { ProcessMetrics } from '../metrics/process-metrics.js';
import type { Part } from '../process.js';
import { WorkerHealth } from '../runtime/worker-health.js';
import { WorkerMetrics } from '../runtime/worker-metrics.js';
import { WorkerTraces } from '../runtime/worker-traces.js';
import type { Tracer } from '../tracing/tracer.js';
import type { WorkerObserver } from '../runtime/worker-observer.js';

/** By what a worker is watched, and where that is told. Started before the worker, stopped after it. */
export interface Telemetry extends Part {
  readonly observers: readonly WorkerObserver[];
  /** `http://127.0.0.1:9090`; '' until started, and when nothing is told. */
  readonly address: string;
}

/** Metrics and health of a worker's process at an address, and traces; of what is absent, nothing. */
export function createTelemetry(
  metrics?: { readonly host: string; readonly port: number },
  tracer?: Tracer,
): Telemetry {
  const traces = tracer === undefined ? [] : [new WorkerTraces(tracer)];
  const stopTracing = async (): Promise<void> => tracer?.stop();
  if (metrics === undefined) {
    return {
      observers: traces,
      address: '',
      start: () => Promise.resolve(),
      stop: stopTracing,
    };
  }
  const health = new WorkerHealth();
  const worker = new WorkerMetrics();
  const process = new ProcessMetrics();
  const server = new HealthServer({
    ...metrics,
    *metrics() {
      yield* worker.lines();
      yield* process.lines();
    },
    isLive: () => health.isLive,
    isReady: () => health.isReady,
  });
  return {
    observers: [health, worker, ...traces],
    get address() {
      return server.address;
    },
    async start(signal) {
      process.start();
      await server.start(signal);
    },
    async stop() {
      await server.stop();
      process.stop();
      await stopTracing();
    },
  };
}
