import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { labelText, metricHead, metricLine } from '../../sdk/metrics/metric-text.js';
import type { ObjectStore } from '../store/object-store.js';
import type { MetricSource } from './server-metrics.js';

export interface BacklogMetricsOptions {
  readonly store: Pick<ObjectStore, 'countDue' | 'currentVersion'>;
  readonly registry: KindRegistry;
  /** How far the log was followed. */
  readonly notifier: { readonly position: number };
}

interface Sample {
  readonly due: readonly { readonly kind: KindDefinition; readonly count: number }[];
  readonly lag: number;
}

/** More is a backlog whatever the number; to count on would cost more than it says. */
const MOST_COUNTED = 10_000;
/** However often it is asked, the database is asked no more often than this. */
const SAMPLE_MS = 10_000;
const LONGEST_WAIT_MS = 1_000;
const DUE = 'threeport_work_due';
const LAG = 'threeport_notifier_lag_revisions';

/** What waits to be worked on. While the database does not answer, nothing is said of it. */
export class BacklogMetrics implements MetricSource {
  readonly #options: BacklogMetricsOptions;
  #sample: Sample | undefined;
  #sampledMs = -Infinity;
  #sampling: Promise<void> | undefined;

  constructor(options: BacklogMetricsOptions) {
    this.#options = options;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#sampledMs < SAMPLE_MS) return;
    this.#sampling ??= this.#look().finally(() => (this.#sampling = undefined));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        // Whatever was seen last is old by now.
        this.#sample = undefined;
        resolve();
      }, LONGEST_WAIT_MS);
    });
    await Promise.race([this.#sampling, limit]);
    clearTimeout(timer);
  }

  *lines(): Iterable<string> {
    const sample = this.#sample;
    yield metricHead(DUE, 'gauge', 'Objects that are due and claimed by nobody; 10000: or more.');
    for (const { kind, count } of sample?.due ?? []) {
      yield metricLine(DUE, labelText({ group: kind.group, resource: kind.plural }), count);
    }
    yield metricHead(LAG, 'gauge', 'Entries of the log of which nobody was told yet.');
    if (sample !== undefined) yield metricLine(LAG, '', sample.lag);
  }

  async #look(): Promise<void> {
    const { store, registry, notifier } = this.#options;
    try {
      const lag = Math.max(0, (await store.currentVersion()) - notifier.position);
      const due = [];
      for (const kind of registry.list().filter(({ reconciled }) => reconciled !== undefined)) {
        due.push({ kind, count: await store.countDue(kind, MOST_COUNTED) });
      }
      this.#sample = { due, lag };
      this.#sampledMs = performance.now();
    } catch {
      // The store's own metrics tell of its failures.
      this.#sample = undefined;
    }
  }
}
