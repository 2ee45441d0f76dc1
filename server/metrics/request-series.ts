import { Buckets } from '../../sdk/metrics/buckets.js';
import { labelText, metricLine } from '../../sdk/metrics/metric-text.js';

/** Upper bounds in seconds: those of a kube-apiserver, whose dashboards then fit. */
const BOUNDS: readonly number[] =
  '0.005 0.025 0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30 45 60'
    .split(' ')
    .map(Number);

/** How often something was asked, with which outcome, and how long it took. */
export class RequestSeries {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #codes = new Map<number, number>();
  readonly #seconds = new Buckets(BOUNDS);

  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = labels;
  }

  observe(code: number, seconds: number): void {
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    this.#seconds.observe(seconds);
  }

  *totals(name: string): Iterable<string> {
    for (const [code, count] of this.#codes) {
      yield metricLine(name, labelText({ ...this.#labels, code: String(code) }), count);
    }
  }

  durations(name: string): Iterable<string> {
    return this.#seconds.lines(name, this.#labels);
  }
}
