import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { labelText, metricHead, metricLine } from '../../sdk/metrics/metric-text.js';
import { RequestSeries } from './request-series.js';

/** What a request was, as far as it is counted: never which object it was about. */
export interface CountedRequest {
  /** Kubernetes' words for it: `GET`, `LIST`, `APPLY`. */
  readonly verb: string;
  /** Absent for what is no resource. */
  readonly kind?: KindDefinition;
  /** One that the kind has, or ''. */
  readonly subresource: string;
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
}

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);
const TOTAL = 'apiserver_request_total';
const DURATION = 'apiserver_request_duration_seconds';
const LONG_RUNNING = 'apiserver_longrunning_requests';
const WATCH_EVENTS = 'apiserver_watch_events_total';

interface KindCounts {
  readonly series: Map<string, RequestSeries>;
  watches: number;
  watchEvents: number;
}

/**
 * Counts what the API is asked, under the names that a kube-apiserver has for it. There are as many
 * series as kinds and verbs, whatever clients do; those of a kind that is gone go with it.
 */
export class RequestMetrics {
  readonly #registry: KindRegistry;
  readonly #kinds = new WeakMap<KindDefinition, KindCounts>();
  readonly #others = new Map<string, RequestSeries>();

  constructor(registry: KindRegistry) {
    this.#registry = registry;
  }

  /** A request was answered, or its client went away: then `code` is what it would have got. */
  observe(request: CountedRequest, code: number, seconds: number): void {
    this.#seriesOf(request).observe(code, seconds);
  }

  watchOpened(kind: KindDefinition): void {
    this.#countsOf(kind).watches += 1;
  }

  watchClosed(kind: KindDefinition): void {
    this.#countsOf(kind).watches -= 1;
  }

  watchEventsSent(kind: KindDefinition, count: number): void {
    this.#countsOf(kind).watchEvents += count;
  }

  *lines(): Iterable<string> {
    const kinds = this.#registry.served().flatMap((kind) => {
      const counts = this.#kinds.get(kind);
      return counts === undefined ? [] : [{ kind, counts }];
    });
    const series = [
      ...this.#others.values(),
      ...kinds.flatMap(({ counts }) => [...counts.series.values()]),
    ];
    yield metricHead(TOTAL, 'counter', 'Requests answered, by verb, resource and status code.');
    for (const one of series) yield* one.totals(TOTAL);
    yield metricHead(DURATION, 'histogram', 'Time from the head of a request to its whole answer.');
    for (const one of series) yield* one.durations(DURATION);
    yield metricHead(LONG_RUNNING, 'gauge', 'Watches that are open.');
    for (const { kind, counts } of kinds) {
      const labels = labelText({ verb: 'WATCH', ...resourceLabels(kind), component: COMPONENT });
      yield metricLine(LONG_RUNNING, labels, counts.watches);
    }
    yield metricHead(WATCH_EVENTS, 'counter', 'Events sent to watches.');
    for (const { kind, counts } of kinds) {
      const { group, version, kind: name } = kind;
      yield metricLine(WATCH_EVENTS, labelText({ group, version, kind: name }), counts.watchEvents);
    }
  }

  #seriesOf({ verb, kind, subresource, scope }: CountedRequest): RequestSeries {
    const known = kind === undefined ? this.#others : this.#countsOf(kind).series;
    const name = kind !== undefined || METHODS.has(verb) ? verb : 'other';
    const key = `${name} ${scope} ${subresource}`;
    let series = known.get(key);
    if (series === undefined) {
      const resource = kind === undefined ? {} : resourceLabels(kind);
      series = new RequestSeries({
        verb: name,
        ...resource,
        subresource,
        scope,
        component: COMPONENT,
      });
      known.set(key, series);
    }
    return series;
  }

  #countsOf(kind: KindDefinition): KindCounts {
    let counts = this.#kinds.get(kind);
    if (counts === undefined) {
      counts = { series: new Map(), watches: 0, watchEvents: 0 };
      this.#kinds.set(kind, counts);
    }
    return counts;
  }
}

const COMPONENT = 'apiserver';

function resourceLabels({ group, version, plural }: KindDefinition) {
  return { group, version, resource: plural };
}
