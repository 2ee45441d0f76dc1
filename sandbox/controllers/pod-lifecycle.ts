import { formatTime } from '../clock.js';
import type { Container, ContainerState, Pod, PodStatus } from '../kubernetes-types.js';
import { withCondition } from './conditions.js';
import type { EventText } from './event-recorder.js';
import type { PodBehaviour } from './pod-faults.js';
import { behaviourOf, cannotPull } from './pod-faults.js';
import { NODE_NAME, podStatusWith } from './pod-status.js';
import type { ContainerView } from './pod-status.js';

const CREATE_MS = 300;
const PULL_RETRY_MS = 500;
const JOB_RUN_MS = 1_000;
const CRASH_MS = 300;
/** A crash loop is shown this many restarts, then stays as it is: at rest nothing is written. */
const MAX_RESTARTS = 4;

/** What becomes of a pod next, once it has been in its present stage for `afterMs`. */
export interface PodStep {
  readonly afterMs: number;
  /** The node to bind the pod to. */
  readonly nodeName?: string;
  readonly status?: PodStatus;
  readonly events: readonly EventText[];
}

/** What the pod's surroundings are missing, in the kubelet's words. */
export interface MissingParts {
  /** A volume or claim without which the pod's containers cannot be created. */
  readonly mount?: string;
  /** A claim without which the pod cannot be scheduled. */
  readonly claim?: string;
  /** A ConfigMap or Secret that the environment needs. */
  readonly environment?: string;
}

/**
 * The next step of a pod's life, or undefined when it has come to rest: pure. Pending, bound to the
 * node, ContainerCreating, then running and ready, or whatever its annotations ask for.
 */
export function nextPodStep(pod: Pod, missing: MissingParts, nowMs: number): PodStep | undefined {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const behaviour = behaviourOf(pod);
  if (pod.spec?.nodeName === undefined) return schedule(pod, behaviour, missing, nowMs);
  const first = pod.status?.containerStatuses?.[0];
  if (first === undefined) return createContainers(pod, nowMs);
  const waiting = waitingReasons(pod);
  if (waiting.has('ContainerCreating') || waiting.has('CreateContainerConfigError')) {
    return start(pod, behaviour, missing, nowMs);
  }
  if (waiting.has('ErrImagePull')) return backOffPull(pod, behaviour, nowMs);
  if (waiting.has('ImagePullBackOff')) return undefined;
  if (behaviour.fault === 'CrashLoopBackOff' || behaviour.fault === 'OOMKilled') {
    return crash(pod, behaviour, nowMs);
  }
  return run(pod, behaviour, nowMs);
}

/** Names the stage that a pod is in: `afterMs` of its next step counts from when this changed. */
export function stageOf(pod: Pod): string {
  const first = pod.status?.containerStatuses?.[0];
  const ready = pod.status?.containerStatuses?.every((status) => status.ready) === true;
  return [
    pod.spec?.nodeName ?? '',
    pod.status?.phase ?? '',
    [...waitingReasons(pod)].sort().join('+'),
    first?.state.running === undefined ? '' : 'running',
    first?.restartCount ?? 0,
    ready,
  ].join('/');
}

function waitingReasons(pod: Pod): Set<string> {
  return new Set(
    (pod.status?.containerStatuses ?? []).flatMap((status) => status.state.waiting?.reason ?? []),
  );
}

function schedule(
  pod: Pod,
  behaviour: PodBehaviour,
  missing: MissingParts,
  nowMs: number,
): PodStep | undefined {
  const { namespace = '', name } = pod.metadata;
  const why =
    behaviour.fault === 'Unschedulable'
      ? 'Insufficient cpu'
      : missing.claim === undefined
        ? undefined
        : missing.claim;
  if (why === undefined) {
    return {
      afterMs: 0,
      nodeName: NODE_NAME,
      events: [normal('Scheduled', `Successfully assigned ${namespace}/${name} to ${NODE_NAME}`)],
    };
  }
  const message = `0/1 nodes are available: 1 ${why}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;
  const old = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (old?.reason === 'Unschedulable' && old.message === message) return undefined;
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return {
    afterMs: 0,
    status: {
      phase: 'Pending',
      conditions: withCondition(
        pod.status?.conditions,
        { lastProbeTime: null, ...condition },
        formatTime(nowMs),
      ),
      qosClass: 'BestEffort',
    },
    events: [warning('FailedScheduling', message)],
  };
}

function createContainers(pod: Pod, nowMs: number): PodStep {
  const view = waitingView('ContainerCreating');
  return { afterMs: 0, status: podStatusWith(pod, 'Pending', () => view, nowMs), events: [] };
}

function start(
  pod: Pod,
  behaviour: PodBehaviour,
  missing: MissingParts,
  nowMs: number,
): PodStep | undefined {
  if (missing.mount !== undefined) {
    return { afterMs: CREATE_MS, events: [warning('FailedMount', missing.mount)] };
  }
  if (missing.environment !== undefined) {
    const message = missing.environment;
    const told = pod.status?.containerStatuses?.[0]?.state.waiting?.message;
    if (told === message) return undefined;
    const status = podStatusWith(
      pod,
      'Pending',
      () => waitingView('CreateContainerConfigError', message),
      nowMs,
    );
    return { afterMs: CREATE_MS, status, events: [warning('Failed', `Error: ${message}`)] };
  }
  const containers = pod.spec?.containers ?? [];
  const events: EventText[] = [];
  for (const container of containers) {
    const image = container.image ?? '';
    if (cannotPull(container, behaviour)) {
      const error = pullError(image);
      events.push(normal('Pulling', `Pulling image "${image}"`));
      events.push(warning('Failed', `Failed to pull image "${image}": ${error}`));
      events.push(warning('Failed', 'Error: ErrImagePull'));
    } else {
      events.push(normal('Pulled', `Container image "${image}" already present on machine`));
      events.push(normal('Created', `Created container: ${container.name}`));
      events.push(normal('Started', `Started container ${container.name}`));
    }
  }
  const pulled = containers.every((container) => !cannotPull(container, behaviour));
  const ready = pulled && behaviour.startMs === 0 && !isCrashing(behaviour);
  const startedAt = formatTime(nowMs);
  const view = (container: Container): ContainerView =>
    cannotPull(container, behaviour)
      ? waitingView('ErrImagePull', pullError(container.image ?? ''))
      : { state: { running: { startedAt } }, ready, restartCount: 0 };
  const phase = pulled ? 'Running' : 'Pending';
  return { afterMs: CREATE_MS, status: podStatusWith(pod, phase, view, nowMs), events };
}

function backOffPull(pod: Pod, behaviour: PodBehaviour, nowMs: number): PodStep {
  const events: EventText[] = [];
  const view = (container: Container, index: number): ContainerView => {
    if (!cannotPull(container, behaviour)) return viewNow(pod, index);
    const message = `Back-off pulling image "${container.image}"`;
    return waitingView('ImagePullBackOff', message);
  };
  for (const container of pod.spec?.containers ?? []) {
    if (!cannotPull(container, behaviour)) continue;
    events.push(normal('BackOff', `Back-off pulling image "${container.image}"`));
    events.push(warning('Failed', 'Error: ImagePullBackOff'));
  }
  return { afterMs: PULL_RETRY_MS, status: podStatusWith(pod, 'Pending', view, nowMs), events };
}

function crash(pod: Pod, behaviour: PodBehaviour, nowMs: number): PodStep | undefined {
  const restarts = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
  const running = pod.status?.containerStatuses?.[0]?.state.running !== undefined;
  if (!running && restarts >= MAX_RESTARTS) return undefined;
  const now = formatTime(nowMs);
  const { namespace = '', name, uid } = pod.metadata;
  if (!running) {
    // The next attempt: it runs for a moment, and crashes again.
    const view = (_container: Container, index: number): ContainerView => ({
      ...viewNow(pod, index),
      state: { running: { startedAt: now } },
      restartCount: restarts + 1,
    });
    return {
      afterMs: CRASH_MS * 2 ** restarts,
      status: podStatusWith(pod, 'Running', view, nowMs),
      events: [],
    };
  }
  const killed = behaviour.fault === 'OOMKilled';
  const view = (container: Container, index: number): ContainerView => {
    const startedAt = viewNow(pod, index).state.running?.startedAt ?? now;
    const message = `back-off ${10 * 2 ** restarts}s restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
    const terminated = {
      exitCode: killed ? 137 : 1,
      reason: killed ? 'OOMKilled' : 'Error',
      startedAt,
      finishedAt: now,
    };
    return {
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: { terminated },
      ready: false,
      restartCount: restarts,
    };
  };
  const events = (pod.spec?.containers ?? []).map((container) =>
    warning(
      'BackOff',
      `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`,
    ),
  );
  return { afterMs: CRASH_MS, status: podStatusWith(pod, 'Running', view, nowMs), events };
}

/** A pod whose containers run: gets ready, or, when it is not to run for ever, finishes. */
function run(pod: Pod, behaviour: PodBehaviour, nowMs: number): PodStep | undefined {
  const now = formatTime(nowMs);
  if (pod.spec?.restartPolicy !== 'Always') {
    const failed = behaviour.failsJob;
    const view = (_container: Container, index: number): ContainerView => {
      const startedAt = viewNow(pod, index).state.running?.startedAt ?? now;
      const terminated = failed
        ? { exitCode: 1, reason: 'Error', startedAt, finishedAt: now }
        : { exitCode: 0, reason: 'Completed', startedAt, finishedAt: now };
      return { state: { terminated }, ready: false, restartCount: 0 };
    };
    const phase = failed ? 'Failed' : 'Succeeded';
    const afterMs = JOB_RUN_MS + behaviour.startMs;
    return { afterMs, status: podStatusWith(pod, phase, view, nowMs), events: [] };
  }
  if (pod.status?.containerStatuses?.every((status) => status.ready) === true) return undefined;
  const view = (_container: Container, index: number): ContainerView => ({
    ...viewNow(pod, index),
    ready: true,
  });
  return {
    afterMs: behaviour.startMs,
    status: podStatusWith(pod, 'Running', view, nowMs),
    events: [],
  };
}

function viewNow(pod: Pod, index: number): ContainerView {
  const status = pod.status?.containerStatuses?.[index];
  const { state = {}, lastState = {}, ready = false, restartCount = 0 } = status ?? {};
  return { state: state as ContainerState, lastState, ready, restartCount };
}

function waitingView(reason: string, message?: string): ContainerView {
  const waiting = { reason, ...(message !== undefined && { message }) };
  return { state: { waiting }, ready: false, restartCount: 0 };
}

function isCrashing(behaviour: PodBehaviour): boolean {
  return behaviour.fault === 'CrashLoopBackOff' || behaviour.fault === 'OOMKilled';
}

function pullError(image: string): string {
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
}

function normal(reason: string, message: string): EventText {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): EventText {
  return { type: 'Warning', reason, message };
}
