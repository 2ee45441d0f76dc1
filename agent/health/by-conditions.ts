import type { KubeCondition } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, progressing, words } from './health.js';

interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly KubeCondition[];
}

/** True means that the object will not work as it is. */
const BAD = ['Stalled', 'Failed'];
/** True means that it is on its way. */
const BUSY = ['Reconciling'];
/** True means that it works; False or Unknown that it does not yet. */
const GOOD = ['Ready', 'Available', 'Succeeded'];

/**
 * Kinds that Threeport does not know, by the conditions that most of them use. A condition of an
 * older generation says nothing of this one. Without any such condition an object is healthy when
 * it exists.
 */
export const byConditions: KindHealth<object, Status> = {
  spec: [],
  status: ['observedGeneration', 'conditions'],
  assess({ metadata, status }) {
    const conditions = Array.isArray(status.conditions) ? status.conditions : [];
    const generation = metadata.generation ?? 0;
    const isCurrent = (condition: KubeCondition): boolean =>
      (condition.observedGeneration ?? generation) >= generation;
    const find = (types: readonly string[]): KubeCondition[] =>
      types.flatMap((type) => conditions.filter((condition) => condition.type === type));

    const bad = find(BAD).find((condition) => condition.status === 'True' && isCurrent(condition));
    if (bad !== undefined) return degraded(words(bad.reason, bad.message) || bad.type);
    const busy = find(BUSY).find((condition) => condition.status === 'True');
    if (busy !== undefined) return progressing(words(busy.reason, busy.message) || busy.type);
    const good = find(GOOD);
    const unmet = good.find((condition) => condition.status !== 'True');
    if (unmet !== undefined) {
      return progressing(words(unmet.reason, unmet.message) || `not ${unmet.type}`);
    }
    const old = good.find((condition) => !isCurrent(condition));
    return old === undefined ? healthy : progressing(`${old.type} is of an older generation`);
  },
};
