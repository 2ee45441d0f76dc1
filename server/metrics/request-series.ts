import { labelText, metricLine } from './metric-text.js';

/** Upper bounds in seconds: those of a kube-apiserver, whose dashboards then fit. */
const BOUNDS: readonly number[] =
  '0.005 0.025 0.05 0.1 0.2 0.4 0.6 0.8 1 1.25 1.5 2 3 4 5 6 8 10 15 20 30 45 60'
    .split(' ')
    .map(Number);

/** How often something was asked, with which outcome, and how long it took. */
export class RequestSeries {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #codes = new Map<number, number>();
  /** How many took at most so long, and no less than the bound before. */
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #sumSeconds = 0;

  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = labels;
  }

  observe(code: number, seconds: number): void {
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    this.#sumSeconds += seconds;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  *totals(name: string): Iterable<string> {
    for (const [code, count] of this.#codes) {
      yield metricLine(name, labelText({ ...this.#labels, code: String(code) }), count);
    }
  }

  *durations(name: string): Iterable<string> {
    const labels = labelText(this.#labels);
    let total = 0;
    for (const [i, count] of this.#counts.entries()) {
      total += count;
      const bound = BOUNDS[i] === undefined ? '+Inf' : String(BOUNDS[i]);
      yield metricLine(`${name}_bucket`, `${labels},le="${bound}"`, total);
    }
    yield metricLine(`${name}_sum`, labels, this.#sumSeconds);
    yield metricLine(`${name}_count`, labels, total);
  }
}
