import type { Container, Pod } from '../kubernetes-types.js';

/** The annotation of a pod that names its fault. */
export const FAULT_ANNOTATION = 'sandbox.threeport.io/fail';

/** Faults that the annotation may name. */
export const POD_FAULTS = [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'OOMKilled',
  'Unschedulable',
] as const;
export type PodFault = (typeof POD_FAULTS)[number];

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
  const fault = annotations[FAULT_ANNOTATION];
  const seconds = Number(annotations['sandbox.threeport.io/start-seconds'] ?? 0);
  return {
    ...(isPodFault(fault) && { fault }),
    startMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : 0,
    failsJob: annotations['sandbox.threeport.io/fail-job'] === 'true',
  };
}

/** Whether a value of the annotation means anything. */
export function isPodFault(value: string | undefined): value is PodFault {
  return POD_FAULTS.some((fault) => fault === value);
}

/** Whether pulling the container's image fails. */
export function cannotPull(container: Container, behaviour: PodBehaviour): boolean {
  return behaviour.fault === 'ImagePullBackOff' || MISSING_IMAGE.test(container.image ?? '');
}
