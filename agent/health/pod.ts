import { conditionWith } from './conditions.js';
import type { Assessment, KindHealth } from './health.js';
import { degraded, healthy, progressing, words } from './health.js';
import type { PodStatus } from './pod-problem.js';
import { podProblem } from './pod-problem.js';

/** Ready, or ended well. */
export const pod: KindHealth<object, PodStatus> = {
  spec: [],
  status: [
    'phase',
    'reason',
    'message',
    'conditions',
    'initContainerStatuses',
    'containerStatuses',
  ],
  assess(object): Assessment {
    const { phase, reason, message, conditions } = object.status;
    if (phase === 'Succeeded') return healthy;
    if (phase === 'Unknown') return { health: 'Unknown', message: words(reason, message) };
    const problem = podProblem({ ...object, spec: {}, status: { ...object.status } });
    if (problem !== undefined) return degraded(problem.message);
    if (conditionWith(conditions, 'Ready', 'True') !== undefined) return healthy;
    const unready = conditionWith(conditions, 'Ready', 'False');
    const why = words(unready?.reason, unready?.message);
    return progressing(why === '' ? `the pod is ${(phase ?? 'Pending').toLowerCase()}` : why);
  },
};
