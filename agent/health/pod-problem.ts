import type { KeptObject } from '../kept-object.js';
import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { ContainerStatus } from './container-problem.js';
import { containerProblem } from './container-problem.js';
import { words } from './health.js';

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly KubeCondition[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

/** A reason why a pod will not work as it is. The higher the rank, the more it explains. */
export interface PodProblem {
  readonly rank: number;
  readonly message: string;
}

const RANK = { failed: 1, unschedulable: 2, container: 3 } as const;

/** What is wrong with a pod, or undefined when it works, is starting, or ended well. */
export function podProblem(pod: KeptObject): PodProblem | undefined {
  const status = pod.status as PodStatus;
  if (status.phase === 'Succeeded') return undefined;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const broken = containers.map(containerProblem).find((problem) => problem !== undefined);
  if (status.phase === 'Failed') {
    const own = words(status.reason, status.message);
    return { rank: RANK.failed, message: own === '' ? (broken ?? 'the pod failed') : own };
  }
  if (broken !== undefined) return { rank: RANK.container, message: broken };
  const scheduled = conditionWith(status.conditions, 'PodScheduled', 'False');
  return scheduled?.reason === 'Unschedulable'
    ? { rank: RANK.unschedulable, message: words('Unschedulable', scheduled.message) }
    : undefined;
}

/** The problem that explains most. Equal ones are ordered by text, so that the answer is stable. */
export function worstPodProblem(pods: readonly KeptObject[]): PodProblem | undefined {
  return pods
    .map(podProblem)
    .filter((problem) => problem !== undefined)
    .sort((a, b) => b.rank - a.rank || (a.message < b.message ? -1 : 1))[0];
}
