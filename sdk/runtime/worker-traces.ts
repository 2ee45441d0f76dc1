import type { ClaimedObject, WakeReason } from '../api/work.js';
import type { Around } from '../ports/intercept-ports.js';
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

/** Goes on with traces: a span for each attempt that a traced request led to, one for each port call. */
export class WorkerTraces implements WorkerObserver {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
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
    if (reason === undefined || traceparent === undefined) return undefined;
    const tracer = this.#tracer;
    const { name, namespace, uid, generation } = object.metadata;
    const span = tracer.begin({
      name: `reconcile ${resource}`,
      kind: 'consumer',
      ...(CONTINUES.has(reason) ? { parent: traceparent } : { links: [traceparent] }),
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
