import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';
import { metricHead, metricLine } from './metric-text.js';

const RESOLUTION_MS = 20;
const NS = 1e9;

/** The process itself, under the names that Prometheus' client libraries have for it. */
export class ProcessMetrics {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#delay.enable();
  }

  stop(): void {
    this.#delay.disable();
  }

  *lines(): Iterable<string> {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const startedSeconds = (performance.timeOrigin / 1_000).toFixed(3);
    const values = [
      ['process_cpu_seconds_total', 'counter', 'User and system CPU time.', (user + system) / 1e6],
      ['process_resident_memory_bytes', 'gauge', 'Resident memory.', rss],
      [
        'process_start_time_seconds',
        'gauge',
        'When the process began, since the epoch.',
        Number(startedSeconds),
      ],
      ['nodejs_heap_size_used_bytes', 'gauge', 'Used part of the heap.', heapUsed],
      ['nodejs_heap_size_total_bytes', 'gauge', 'The heap.', heapTotal],
      ['nodejs_external_memory_bytes', 'gauge', 'Memory of buffers beside the heap.', external],
      ...this.#delays(),
    ] as const;
    for (const [name, type, help, value] of values) {
      yield metricHead(name, type, help) + metricLine(name, '', value);
    }
  }

  /** How late timers fire, since it was last asked. */
  #delays() {
    const delay = this.#delay;
    const seconds = (ns: number): number =>
      Number.isFinite(ns) ? Math.max(0, ns / NS - RESOLUTION_MS / 1_000) : 0;
    const rows = [
      ['nodejs_eventloop_lag_seconds', 'Lag of the event loop, on average.', delay.mean],
      ['nodejs_eventloop_lag_max_seconds', 'The longest lag.', delay.max],
      ['nodejs_eventloop_lag_p50_seconds', 'Half of the lags are shorter.', delay.percentile(50)],
      ['nodejs_eventloop_lag_p99_seconds', '99 % of the lags are shorter.', delay.percentile(99)],
    ] as const;
    const values = rows.map(
      ([name, help, ns]) => [name, 'gauge', `${help} Since the last scrape.`, seconds(ns)] as const,
    );
    delay.reset();
    return values;
  }
}
