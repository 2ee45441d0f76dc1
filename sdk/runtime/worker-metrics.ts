import { isApiError } from '../api/errors.js';
import type { ClaimedObject } from '../api/work.js';
import { MetricSet, type Labels } from '../metrics/metric-set.js';
import type { WakeHint } from '../queue/wake-queue.js';
import type { Around } from '../ports/intercept-ports.js';
import type { AttemptObserver, ClaimSeen, WorkerObserver } from './worker-observer.js';

/** From what a null reconcile takes to an hour. */
const LONG_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600,
];
const CALL_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const CLAIM_SIZES = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * Counts what workers do. Series are by kind, cause, port and outcome: there are as many as the
 * program knows of those, whatever objects there are.
 */
export class WorkerMetrics implements WorkerObserver {
  readonly #metrics = new MetricSet();
  readonly #hints = this.#metrics.counter(
    'threeport_work_hints_total',
    'Hints that an object should be looked at.',
  );
  readonly #claims = this.#metrics.counter(
    'threeport_work_claims_total',
    'Calls that asked for work, for hinted objects or for whatever is due.',
  );
  readonly #claimSeconds = this.#metrics.histogram(
    'threeport_work_claim_duration_seconds',
    'Time that such a call took.',
    CALL_SECONDS,
  );
  readonly #claimSizes = this.#metrics.histogram(
    'threeport_work_claim_objects',
    'Objects that such a call gave.',
    CLAIM_SIZES,
  );
  readonly #claimed = this.#metrics.counter(
    'threeport_work_claimed_total',
    'Objects claimed, by what had made them due.',
  );
  readonly #queueSeconds = this.#metrics.histogram(
    'threeport_work_queue_seconds',
    'Time for which a claimed object had been due.',
    LONG_SECONDS,
  );
  readonly #waiting = this.#metrics.gauge(
    'threeport_work_waiting',
    'Objects claimed that wait for a free slot.',
  );
  readonly #active = this.#metrics.gauge(
    'threeport_reconcile_active',
    'Objects that are worked on now.',
  );
  readonly #attempts = this.#metrics.counter(
    'threeport_reconcile_attempts_total',
    'Attempts at objects, by how they came out.',
  );
  readonly #attemptSeconds = this.#metrics.histogram(
    'threeport_reconcile_duration_seconds',
    'Time of an attempt, from its begin until the object was handed back.',
    LONG_SECONDS,
  );
  readonly #convergenceSeconds = this.#metrics.histogram(
    'threeport_reconcile_convergence_seconds',
    'Time from the commit of a change until it was reconciled, or its object gone.',
    LONG_SECONDS,
  );
  readonly #effects = this.#metrics.counter(
    'threeport_effects_total',
    'Calls through ports, by what they do and how they came out.',
  );
  readonly #effectSeconds = this.#metrics.histogram(
    'threeport_effect_duration_seconds',
    'Time of a call through a port.',
    CALL_SECONDS,
  );
  readonly #renewals = this.#metrics.counter(
    'threeport_work_lease_renewals_total',
    'Leases renewed, or that could not be.',
  );
  readonly #lost = this.#metrics.counter(
    'threeport_work_leases_lost_total',
    'Leases that ended before their work did.',
  );

  lines(): Iterable<string> {
    return this.#metrics.lines();
  }

  hinted(hints: readonly WakeHint[]): void {
    for (const { resource } of hints) this.#hints.add(kindLabels(resource));
  }

  claimed({ by, claimed, durationMs, error }: ClaimSeen): void {
    this.#claims.add({ by, outcome: outcomeOf(error) });
    this.#claimSeconds.observe({ by }, durationMs / 1_000);
    if (error === undefined) this.#claimSizes.observe({ by }, claimed.length);
    for (const { resource, cause, dueForMs } of claimed) {
      const labels = kindLabels(resource);
      this.#claimed.add({ ...labels, cause: cause?.reason ?? 'unknown' });
      this.#queueSeconds.observe(labels, dueForMs / 1_000);
      this.#waiting.add(labels, 1);
    }
  }

  renewed(count: number, failed: boolean): void {
    this.#renewals.add({ outcome: failed ? 'failed' : 'ok' }, count);
  }

  leaseLost(resource: string): void {
    this.#lost.add(kindLabels(resource));
  }

  began({ resource }: ClaimedObject): AttemptObserver {
    const labels = kindLabels(resource);
    const begunMs = performance.now();
    this.#waiting.add(labels, -1);
    this.#active.add(labels, 1);
    return {
      around: this.#around,
      ended: ({ verdict, convergedMs }) => {
        this.#active.add(labels, -1);
        this.#attempts.add({ ...labels, outcome: verdict });
        this.#attemptSeconds.observe(labels, (performance.now() - begunMs) / 1_000);
        if (convergedMs !== undefined) {
          this.#convergenceSeconds.observe(labels, convergedMs / 1_000);
        }
      },
    };
  }

  readonly #around: Around = async ({ port, nature }, make) => {
    const begunMs = performance.now();
    const ended = (error?: unknown): void => {
      this.#effects.add({ port, nature, outcome: outcomeOf(error) });
      this.#effectSeconds.observe({ port, nature }, (performance.now() - begunMs) / 1_000);
    };
    try {
      const result = await make();
      ended();
      return result;
    } catch (error) {
      ended(error);
      throw error;
    }
  };
}

/** `ok`, one of the API's reasons, or `Error`: a closed set. */
function outcomeOf(error: unknown): string {
  if (error === undefined) return 'ok';
  return isApiError(error) ? error.reason : 'Error';
}

const known = new Map<string, Labels>();

/** The labels of a resource name: `workloads.workload.threeport.io`. */
function kindLabels(name: string): Labels {
  let labels = known.get(name);
  if (labels === undefined) {
    const dot = name.indexOf('.');
    labels = {
      group: dot < 0 ? '' : name.slice(dot + 1),
      resource: dot < 0 ? name : name.slice(0, dot),
    };
    known.set(name, labels);
  }
  return labels;
}
