import type { KubeCondition } from './conditions.js';
import type { KindHealth } from './health.js';
import { healthy, progressing } from './health.js';

interface Status {
  readonly phase?: string;
  readonly conditions?: readonly KubeCondition[];
}

/** While it goes, its conditions say what it waits for. */
export const namespace: KindHealth<object, Status> = {
  spec: [],
  status: ['phase', 'conditions'],
  assess({ metadata, status }) {
    if (metadata.deletionTimestamp === undefined && status.phase !== 'Terminating') return healthy;
    const waits = (status.conditions ?? [])
      .filter((condition) => condition.status === 'True' && condition.message !== undefined)
      .map((condition) => condition.message);
    return progressing(['being deleted', ...waits].join(': '));
  },
};
