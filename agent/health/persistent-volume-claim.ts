import type { KindHealth } from './health.js';
import { degraded, healthy, progressing } from './health.js';

interface Status {
  readonly phase?: string;
}

/** Bound is healthy; a claim that lost its volume will not come back by itself. */
export const persistentVolumeClaim: KindHealth<object, Status> = {
  spec: [],
  status: ['phase'],
  assess({ status }) {
    if (status.phase === 'Bound') return healthy;
    return status.phase === 'Lost'
      ? degraded('Lost: the claim lost its volume')
      : progressing('Pending: the claim is not bound to a volume yet');
  },
};
