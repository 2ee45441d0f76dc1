import type { Tracer } from '../../sdk/tracing/tracer.js';
import { failureOf } from '../../sdk/tracing/tracer.js';
import type { Revision } from '../store/object-store.js';

/**
 * Wakes for these revisions, with a span for each that is part of a trace: below what made the
 * revision. Whoever is woken by it, and was not due before, goes on from there.
 */
export async function traceWakes(
  tracer: Tracer,
  revisions: readonly Revision[],
  wake: (revisions: readonly Revision[]) => Promise<undefined>,
): Promise<undefined> {
  const followed = revisions.map((revision) => {
    const { traceparent, resourceVersion, object } = revision;
    if (traceparent === undefined) return { revision };
    const span = tracer.begin({
      name: 'wake',
      kind: 'producer',
      parent: traceparent,
      attributes: {
        'threeport.resource': object.resource,
        'threeport.resource_version': resourceVersion,
      },
    });
    return { revision: { ...revision, traceparent: span.traceparent }, span };
  });
  try {
    await wake(followed.map(({ revision }) => revision));
    for (const { span } of followed) span?.end();
  } catch (error) {
    for (const { span } of followed) span?.end(failureOf(error));
    throw error;
  }
  return undefined;
}
