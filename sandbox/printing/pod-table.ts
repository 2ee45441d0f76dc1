import type { ComputedTable } from '../../server/table/table.js';
import type { ContainerState, ContainerStatus, Pod } from '../kubernetes-types.js';
import { age, column, since, wide } from '../../server/table/cells.js';
import { NONE } from './cell-text.js';

/** `kubectl get pods`. */
export const podTable: ComputedTable = {
  columns: [
    column('Ready'),
    column('Status'),
    column('Restarts'),
    column('Age'),
    wide('IP'),
    wide('Node'),
    wide('Nominated Node'),
    wide('Readiness Gates'),
  ],
  cells(object, nowMs) {
    const pod = object as Pod;
    const containers = pod.status?.containerStatuses ?? [];
    const ready = containers.filter((one) => one.ready && one.state?.running !== undefined).length;
    return [
      `${ready}/${pod.spec?.containers?.length ?? 0}`,
      statusOf(pod),
      restartsOf(containers, nowMs),
      age(pod, nowMs),
      pod.status?.podIP ?? NONE,
      pod.spec?.nodeName ?? NONE,
      NONE,
      NONE,
    ];
  },
};

/** One word for how a pod is, as kubectl finds it: what its containers wait for comes first. */
function statusOf(pod: Pod): string {
  const { phase = 'Unknown', reason } = pod.status ?? {};
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (pod.metadata.deletionTimestamp !== undefined && !isOver) return 'Terminating';
  return initStatusOf(pod) ?? containersStatusOf(pod) ?? reason ?? phase;
}

function initStatusOf({ spec, status }: Pod): string | undefined {
  const containers = status?.initContainerStatuses ?? [];
  const index = containers.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  const state = containers[index]?.state;
  if (state === undefined) return undefined;
  const reason = state.terminated === undefined ? state.waiting?.reason : endOf(state);
  return reason === undefined || reason === 'PodInitializing'
    ? `Init:${index}/${spec?.initContainers?.length ?? 0}`
    : `Init:${reason}`;
}

function containersStatusOf({ status }: Pod): string | undefined {
  const containers = status?.containerStatuses ?? [];
  const reasons = containers.map(({ state }) => state?.waiting?.reason ?? endOf(state));
  const reason = reasons.find((one) => one !== undefined);
  const isRunning = containers.some((one) => one.ready && one.state?.running !== undefined);
  if (reason !== 'Completed' || !isRunning) return reason;
  const isReady = status?.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return isReady === true ? 'Running' : 'NotReady';
}

function endOf(state: ContainerState | undefined): string | undefined {
  const ended = state?.terminated;
  if (ended === undefined) return undefined;
  return ended.reason === undefined || ended.reason === ''
    ? `ExitCode:${ended.exitCode}`
    : ended.reason;
}

function restartsOf(containers: readonly ContainerStatus[], nowMs: number): string {
  const restarts = containers.reduce((sum, one) => sum + (one.restartCount ?? 0), 0);
  const ends = containers.flatMap((one) => one.lastState?.terminated?.finishedAt ?? []);
  const last = ends.toSorted().at(-1);
  return restarts === 0 || last === undefined
    ? String(restarts)
    : `${restarts} (${since(last, nowMs)} ago)`;
}
