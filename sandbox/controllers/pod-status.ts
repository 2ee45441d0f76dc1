import { createHash } from 'node:crypto';
import { formatTime } from '../clock.js';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  KubeCondition,
  Pod,
  PodStatus,
} from '../kubernetes-types.js';
import { withCondition } from './conditions.js';

export const NODE_NAME = 'sandbox-node';
export const NODE_IP = '10.0.0.1';

/** What a container is doing, from which its status is written. */
export interface ContainerView {
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
}

/** The status of a scheduled pod whose containers all do what `view` says: pure. */
export function podStatusWith(
  pod: Pod,
  phase: string,
  view: (container: Container, index: number) => ContainerView,
  nowMs: number,
): PodStatus {
  const now = formatTime(nowMs);
  const containers = pod.spec?.containers ?? [];
  const views = containers.map(view);
  const ready = phase === 'Running' && views.every((item) => item.ready);
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const unready = views.flatMap((item, index) =>
    item.ready ? [] : (containers[index]?.name ?? ''),
  );
  const readiness: Omit<KubeCondition, 'type'> = ready
    ? { status: 'True' }
    : finished
      ? { status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
      : {
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${unready.join(' ')}]`,
        };
  let conditions = pod.status?.conditions;
  const set = (condition: KubeCondition): void => {
    conditions = withCondition(conditions, { lastProbeTime: null, ...condition }, now);
  };
  set({ type: 'Initialized', status: 'True' });
  set({ type: 'Ready', ...readiness });
  set({ type: 'ContainersReady', ...readiness });
  set({ type: 'PodScheduled', status: 'True' });
  const podIP = pod.status?.podIP ?? podIPOf(pod);
  const hasStarted = phase !== 'Pending' || pod.status?.podIP !== undefined;
  return {
    phase,
    conditions: conditions ?? [],
    hostIP: NODE_IP,
    ...(hasStarted && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: pod.status?.startTime ?? now,
    ...(pod.spec?.initContainers !== undefined && {
      initContainerStatuses: pod.spec.initContainers.map((container) =>
        containerStatus(pod, container, finishedInit(now)),
      ),
    }),
    containerStatuses: containers.map((container, index) =>
      containerStatus(pod, container, view(container, index)),
    ),
    qosClass: qosClassOf(pod),
  };
}

function containerStatus(pod: Pod, container: Container, view: ContainerView): ContainerStatus {
  const started = view.state.waiting === undefined || view.restartCount > 0;
  const image = container.image ?? '';
  return {
    name: container.name ?? '',
    image,
    imageID: started ? `${image.split('@')[0]}@sha256:${sha256(image)}` : '',
    ...(started && { containerID: `sandbox://${sha256(`${pod.metadata.uid}/${container.name}`)}` }),
    ready: view.ready,
    started: view.state.running !== undefined,
    restartCount: view.restartCount,
    state: view.state,
    lastState: view.lastState ?? {},
  };
}

function finishedInit(now: string): ContainerView {
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now };
  return { state: { terminated }, ready: true, restartCount: 0 };
}

/** An address in the pod network, the same for the whole life of the pod. */
function podIPOf(pod: Pod): string {
  const digest = createHash('sha256').update(pod.metadata.uid).digest();
  return `10.244.${digest[0] ?? 0}.${1 + ((digest[1] ?? 0) % 254)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function qosClassOf(pod: Pod): string {
  const resources = (pod.spec?.containers ?? []).map((container) => container.resources ?? {});
  const sizeOf = (part: object | undefined): number => Object.keys(part ?? {}).length;
  if (resources.every(({ limits, requests }) => sizeOf(limits) + sizeOf(requests) === 0)) {
    return 'BestEffort';
  }
  const guaranteed = resources.every(({ limits, requests }) =>
    ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && limits[name] === requests?.[name],
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
