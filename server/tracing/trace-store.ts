import type { Tracer } from '../../sdk/tracing/tracer.js';
import { traced } from '../../sdk/tracing/tracer.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ObjectStore, WorkCompletion } from '../store/object-store.js';

/** The same store, with a span for each commit that is part of a trace. */
export function traceStore(store: ObjectStore, tracer: Tracer): ObjectStore {
  const commit = <T>(
    { kind, type, parent }: { kind: WorkCompletion['kind']; type: string; parent: string },
    work: () => Promise<T>,
  ): Promise<T> =>
    traced(
      tracer,
      {
        name: 'commit',
        kind: 'client',
        parent,
        attributes: { 'threeport.resource': resourceName(kind), 'threeport.write': type },
      },
      work,
    );
  const own: Pick<ObjectStore, 'write' | 'complete'> = {
    write(write) {
      const parent = write.origin?.traceparent;
      if (parent === undefined) return store.write(write);
      return commit({ kind: write.kind, type: write.type, parent }, () => store.write(write));
    },
    async complete(completions) {
      const each = completions.map(async (completion) => {
        const parent = completion.origin?.traceparent;
        const { kind, write } = completion;
        const work = async () => (await store.complete([completion]))[0];
        if (parent === undefined || write === undefined) return work();
        return commit({ kind, type: `${write.type} by its reconciler`, parent }, work);
      });
      const outcomes = await Promise.all(each);
      return outcomes.map((outcome) => outcome ?? { outcome: 'fenced' });
    },
  };
  return new Proxy(store, {
    get(target, property) {
      if (property === 'write' || property === 'complete') return own[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
