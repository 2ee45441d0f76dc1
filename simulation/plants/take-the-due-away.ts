import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ObjectStore } from '../../server/store/object-store.js';

const NOBODY = 'nobody';

/** The object is not due any more, though nobody looked at it. Not while somebody holds it. */
export async function takeTheDueAway(
  store: ObjectStore,
  kind: KindDefinition,
  uid: string,
): Promise<void> {
  const asked = { worker: NOBODY, leaseMs: 1_000, limit: 1, uids: [uid] };
  for (const { fence, failures } of await store.claim(kind, asked)) {
    await store.complete([{ kind, uid, worker: NOBODY, fence, failures }]);
  }
}
