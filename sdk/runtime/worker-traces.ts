import type { ClaimedObject, WakeReason } from '../api/work.js';
import type { Around } from '../ports/intercept-ports.js';
import type { WakeHint } from '../queue/wake-queue.js';
import type { Tracer } from '../tracing/tracer.js';
import { failureOf, traced } from '../tracing/tracer.js';
import type { AttemptObserver, WorkerObserver } from './worker-observer.js';

/**
 * Attempts that go on with the trace of the request that woke them. One that the attempt before asked
 * for begins a trace of its own, with a link: an object that is polled would else have a trace without end.
 */
const CONTINUES: ReadonlySet<WakeReason> = new Set(['change', 'dependency', 'leaseExpired']);
const FAILED: ReadonlySet<string> = new Set([
  'failed',
  'terminal',
  'conflict',
  'invalid',
  'fenced',
  'unanswered',
]);

/** A hint that is not claimed here says nothing after a while. */
const MOST_HINTS = 1_000;

/** Goes on with traces: a span for each attempt that a traced request led to, one for each port call. */
export class WorkerTraces implements WorkerObserver {
  readonly #tracer: Tracer;
  /** The wakes of which hints told, by uid of the object; the oldest first. */
  readonly #hints = new Map<string, string>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  hinted(hints: readonly WakeHint[]): void {
    for (const { uid, traceparent } of hints) {
      if (traceparent === undefined) continue;
      this.#hints.delete(uid);
      this.#hints.set(uid, traceparent);
    }
    for (const oldest of this.#hints.keys()) {
      if (this.#hints.size <= MOST_HINTS) break;
      this.#hints.delete(oldest);
    }
  }

  began({
    resource,
    object,
    fence,
    failures,
    cause,
    dueForMs,
  }: ClaimedObject): AttemptObserver | undefined {
    const { reason, traceparent } = cause ?? {};
    const hint = this.#hints.get(object.metadata.uid);
    this.#hints.delete(object.metadata.uid);
    if (reason === undefined || traceparent === undefined) return undefined;
    const tracer = this.#tracer;
    const continues = CONTINUES.has(reason);
    const { name, namespace, uid, generation } = object.metadata;
    const span = tracer.begin({
      name: `reconcile ${resource}`,
      kind: 'consumer',
      ...(continues && { parent: traceparent }),
      links: [...(continues ? [] : [traceparent]), ...(hint === undefined ? [] : [hint])],
      attributes: {
        'threeport.resource': resource,
        'threeport.name': name,
        ...(namespace !== undefined && { 'threeport.namespace': namespace }),
        'threeport.uid': uid,
        'threeport.generation': generation,
        'threeport.fence': fence,
        'threeport.failures': failures,
        'threeport.cause': reason,
        'threeport.due_ms': Math.round(dueForMs),
      },
    });
    const around: Around = ({ port, nature, operation, place, target }, make) =>
      traced(
        tracer,
        {
          name: `${port} ${operation}`,
          kind: 'client',
          parent: span.traceparent,
          attributes: {
            'threeport.port': port,
            'threeport.nature': nature,
            'threeport.target': target,
            ...(place !== undefined && { 'threeport.place': place }),
          },
        },
        () => make(),
      );
    return {
      around,
      traceparent: span.traceparent,
      ended({ verdict, error }) {
        span.set({ 'threeport.outcome': verdict });
        const isFailure = FAILED.has(verdict);
        span.end(isFailure ? (error === undefined ? verdict : failureOf(error)) : undefined);
      },
    };
  }
}
