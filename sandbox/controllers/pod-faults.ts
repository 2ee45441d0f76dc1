import type { Container, Pod } from '../kubernetes-types.js';

/** Faults that `sandbox.threeport.io/fail` may name. */
export type PodFault = 'ImagePullBackOff' | 'CrashLoopBackOff' | 'Unschedulable' | 'OOMKilled';

const FAULTS: readonly string[] = [
  'ImagePullBackOff',
  'CrashLoopBackOff',
  'Unschedulable',
  'OOMKilled',
];
const MISSING_IMAGE = /(^|\/)does-not-exist/;

/** How one pod is to behave, as its annotations say. See docs/sandbox.md. */
export interface PodBehaviour {
  readonly fault?: PodFault;
  /** Running, but not ready for so long. */
  readonly startMs: number;
  readonly failsJob: boolean;
}

export function behaviourOf(pod: Pod): PodBehaviour {
  const annotations = pod.metadata.annotations ?? {};
  const fault = annotations['sandbox.threeport.io/fail'];
  const seconds = Number(annotations['sandbox.threeport.io/start-seconds'] ?? 0);
  return {
    ...(fault !== undefined && FAULTS.includes(fault) && { fault: fault as PodFault }),
    startMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : 0,
    failsJob: annotations['sandbox.threeport.io/fail-job'] === 'true',
  };
}

/** Whether pulling the container's image fails. */
export function cannotPull(container: Container, behaviour: PodBehaviour): boolean {
  return behaviour.fault === 'ImagePullBackOff' || MISSING_IMAGE.test(container.image ?? '');
}
