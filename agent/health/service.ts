import type { KindHealth } from './health.js';
import { healthy, progressing } from './health.js';

interface Spec {
  readonly type?: string;
}

interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly object[] };
}

/** A load balancer is on its way until it has an address; other services work as they are. */
export const service: KindHealth<Spec, Status> = {
  spec: ['type'],
  status: ['loadBalancer'],
  assess({ spec, status }) {
    if (spec.type !== 'LoadBalancer') return healthy;
    return (status.loadBalancer?.ingress ?? []).length > 0
      ? healthy
      : progressing('the load balancer has no address yet');
  },
};
