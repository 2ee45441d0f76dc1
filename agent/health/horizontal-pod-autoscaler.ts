import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, progressing, words } from './health.js';

interface Status {
  readonly conditions?: readonly KubeCondition[];
}

/**
 * Degraded when it cannot scale or cannot read its metrics. autoscaling/v1 has no conditions in
 * its status: such an object is healthy when it exists.
 */
export const horizontalPodAutoscaler: KindHealth<object, Status> = {
  spec: [],
  status: ['conditions'],
  assess({ apiVersion, status }) {
    for (const type of ['AbleToScale', 'ScalingActive']) {
      const wrong = conditionWith(status.conditions, type, 'False');
      // Of a target that is scaled to zero on purpose.
      if (wrong !== undefined && wrong.reason !== 'ScalingDisabled') {
        return degraded(words(wrong.reason, wrong.message));
      }
    }
    return apiVersion === 'autoscaling/v1' || (status.conditions ?? []).length > 0
      ? healthy
      : progressing('the autoscaler has not looked at it yet');
  },
};
