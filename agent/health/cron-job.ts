import type { KindHealth } from './health.js';
import { healthy, suspended } from './health.js';

interface Spec {
  readonly suspend?: boolean;
}

/** Healthy while it will run. How its jobs end is told by warnings. */
export const cronJob: KindHealth<Spec> = {
  spec: ['suspend'],
  status: [],
  assess({ spec }) {
    return spec.suspend === true ? suspended('the schedule is suspended') : healthy;
  },
};
