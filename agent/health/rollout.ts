import type { KeptObject } from '../kept-object.js';
import type { Assessment } from './health.js';
import { degraded, progressing } from './health.js';
import { worstPodProblem } from './pod-problem.js';

/** Not all replicas are there yet: degraded when one of the pods says why, else on its way. */
export function unfinished(message: string, pods: readonly KeptObject[]): Assessment {
  const problem = worstPodProblem(pods);
  return problem === undefined ? progressing(message) : degraded(problem.message);
}
