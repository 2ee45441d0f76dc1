import { labelText, metricLine } from './metric-text.js';

/** How many values were at most so large, for bounds that are set once. */
export class Buckets {
  readonly #bounds: readonly number[];
  /** How many are at most the bound, and more than the bound before. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** Upper bounds, ascending; one above them all comes by itself. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    this.#sum += value;
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  *lines(name: string, labels: Readonly<Record<string, string>>): Iterable<string> {
    const text = labelText(labels);
    let total = 0;
    for (const [i, count] of this.#counts.entries()) {
      total += count;
      const le = this.#bounds[i] === undefined ? '+Inf' : String(this.#bounds[i]);
      yield metricLine(`${name}_bucket`, labelText({ ...labels, le }), total);
    }
    yield metricLine(`${name}_sum`, text, this.#sum);
    yield metricLine(`${name}_count`, text, total);
  }
}
