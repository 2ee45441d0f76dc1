import { Buckets } from './buckets.js';
import type { MetricType } from './metric-text.js';
import { labelText, metricHead, metricLine } from './metric-text.js';

/** Labels by name. Of values there are as many as there are kinds, verbs and outcomes: never objects. */
export type Labels = Readonly<Record<string, string>>;

/** A number that only grows. */
export interface Counter {
  add(labels?: Labels, by?: number): void;
}

export interface Gauge {
  set(labels: Labels, value: number): void;
  add(labels: Labels, by: number): void;
}

export interface Histogram {
  observe(labels: Labels, value: number): void;
}

/** The metrics of one part, told in the order in which they were made. */
export class MetricSet {
  readonly #families: (() => Iterable<string>)[] = [];

  /** `name` ends in `_total`. */
  counter(name: string, help: string): Counter {
    return this.#values(name, 'counter', help);
  }

  gauge(name: string, help: string): Gauge {
    return this.#values(name, 'gauge', help);
  }

  /** `name` ends in its unit: `_seconds`. `bounds` are in that unit, ascending. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const series = new Map<string, { readonly labels: Labels; readonly buckets: Buckets }>();
    this.#families.push(function* () {
      yield metricHead(name, 'histogram', help);
      for (const { labels, buckets } of series.values()) yield* buckets.lines(name, labels);
    });
    return {
      observe(labels, value) {
        const key = keyOf(labels);
        let one = series.get(key);
        if (one === undefined) series.set(key, (one = { labels, buckets: new Buckets(bounds) }));
        one.buckets.observe(value);
      },
    };
  }

  *lines(): Iterable<string> {
    for (const family of this.#families) yield* family();
  }

  #values(name: string, type: MetricType, help: string): Counter & Gauge {
    const series = new Map<string, { readonly labels: Labels; value: number }>();
    this.#families.push(function* () {
      yield metricHead(name, type, help);
      for (const { labels, value } of series.values()) {
        yield metricLine(name, labelText(labels), value);
      }
    });
    const of = (labels: Labels): { value: number } => {
      const key = keyOf(labels);
      let one = series.get(key);
      if (one === undefined) series.set(key, (one = { labels, value: 0 }));
      return one;
    };
    return {
      add: (labels = {}, by = 1) => void (of(labels).value += by),
      set: (labels, value) => void (of(labels).value = value),
    };
  }
}

/** The values, in the order in which the labels of this metric are always given. */
function keyOf(labels: Labels): string {
  return Object.values(labels).join('\0');
}
