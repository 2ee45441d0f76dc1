import { words } from './health.js';

export interface TerminatedState {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** What is read of an entry of `containerStatuses`. */
export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: TerminatedState;
  };
  readonly lastState?: { readonly terminated?: TerminatedState };
}

/** Waiting for these reasons is how every container starts. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

/** So many restarts make a running, unready container one that loops rather than one that starts. */
const LOOPING_RESTARTS = 3;

/**
 * Why a container does not work, or undefined when nothing says that it does not. The text stays
 * the same while a container goes round its loop (waiting, running, terminated; pulling, backing
 * off), for a status that alternates is read by nobody and wakes everybody.
 */
export function containerProblem(container: ContainerStatus): string | undefined {
  const { waiting, terminated, running } = container.state ?? {};
  if (waiting?.reason !== undefined && !STARTING.has(waiting.reason)) {
    return waitingProblem(container, waiting.reason, waiting.message);
  }
  const restarts = container.restartCount ?? 0;
  if (terminated !== undefined && terminated.exitCode !== 0) {
    return restarts > 0 ? crashLoop(container, terminated) : exited(container, terminated);
  }
  const last = container.lastState?.terminated;
  if (running !== undefined && container.ready !== true && restarts >= LOOPING_RESTARTS) {
    return last !== undefined && last.exitCode !== 0 ? crashLoop(container, last) : undefined;
  }
  return undefined;
}

function waitingProblem(
  container: ContainerStatus,
  reason: string,
  message: string | undefined,
): string {
  const last = container.lastState?.terminated;
  if (reason === 'CrashLoopBackOff' && last !== undefined) return crashLoop(container, last);
  if (reason === 'ErrImagePull' && container.image !== undefined) {
    return `ImagePullBackOff: Back-off pulling image "${container.image}"`;
  }
  return words(reason, message);
}

function crashLoop(container: ContainerStatus, terminated: TerminatedState): string {
  return `CrashLoopBackOff: ${exited(container, terminated)}`;
}

function exited(container: ContainerStatus, { exitCode, reason }: TerminatedState): string {
  const code = exitCode === undefined ? '' : ` with code ${exitCode}`;
  return `container "${container.name}" exited${code}${reason === undefined ? '' : ` (${reason})`}`;
}
