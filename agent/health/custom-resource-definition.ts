import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, progressing, words } from './health.js';

interface Status {
  readonly conditions?: readonly KubeCondition[];
}

/** Healthy when objects of the kind can be created. */
export const customResourceDefinition: KindHealth<object, Status> = {
  spec: [],
  status: ['conditions'],
  assess({ status }) {
    for (const type of ['NamesAccepted', 'NonStructuralSchema']) {
      const wrong = conditionWith(
        status.conditions,
        type,
        type === 'NamesAccepted' ? 'False' : 'True',
      );
      if (wrong !== undefined) return degraded(words(wrong.reason, wrong.message));
    }
    if (conditionWith(status.conditions, 'Established', 'True') !== undefined) return healthy;
    const waiting = conditionWith(status.conditions, 'Established', 'False');
    return progressing(words(waiting?.reason, waiting?.message) || 'not established yet');
  },
};
