import type { KindHealth } from './health.js';
import { healthy, progressing } from './health.js';

interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly object[] };
}

/** On its way until an ingress controller has taken it and given it an address. */
export const ingress: KindHealth<object, Status> = {
  spec: [],
  status: ['loadBalancer'],
  assess({ status }) {
    return (status.loadBalancer?.ingress ?? []).length > 0
      ? healthy
      : progressing('no ingress controller has given it an address yet');
  },
};
