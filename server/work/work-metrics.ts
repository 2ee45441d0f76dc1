import { isApiError } from '../../sdk/api/errors.js';
import { MetricSet } from '../../sdk/metrics/metric-set.js';

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts the calls of the worker protocol. */
export class WorkMetrics {
  readonly #metrics = new MetricSet();
  readonly #calls = this.#metrics.counter(
    'threeport_work_calls_total',
    'Calls of workers and agents, by name and outcome.',
  );
  readonly #seconds = this.#metrics.histogram(
    'threeport_work_call_duration_seconds',
    'Time from the head of such a call to its answer.',
    SECONDS,
  );

  /** Counts one call, whose name is one of the protocol's. */
  async follow(call: string, answer: () => Promise<void>): Promise<void> {
    const begunMs = performance.now();
    let outcome = 'ok';
    try {
      await answer();
    } catch (error) {
      outcome = isApiError(error) ? error.reason : 'Error';
      throw error;
    } finally {
      this.#calls.add({ call, outcome });
      this.#seconds.observe({ call }, (performance.now() - begunMs) / 1_000);
    }
  }

  lines(): Iterable<string> {
    return this.#metrics.lines();
  }
}
