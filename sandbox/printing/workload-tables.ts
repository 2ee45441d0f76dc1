import { humanDuration } from '../../server/table/human-duration.js';
import type { ComputedTable } from '../../server/table/table.js';
import type { CronJob, DaemonSet, Deployment, Job } from '../kubernetes-types.js';
import { age, column, since, wide } from '../../server/table/cells.js';
import { CONTAINER_COLUMNS, containerCells, mapText, NONE, selectorText } from './cell-text.js';

/** `kubectl get deployments`. */
export const deploymentTable: ComputedTable = {
  columns: [
    column('Ready'),
    column('Up-to-date', 'integer'),
    column('Available', 'integer'),
    column('Age'),
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const deployment = object as Deployment;
    const { spec, status } = deployment;
    return [
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      age(deployment, nowMs),
      ...containerCells(spec?.template),
      selectorText(spec?.selector),
    ];
  },
};

/** `kubectl get replicasets`. */
export const replicaSetTable: ComputedTable = {
  columns: [
    column('Desired', 'integer'),
    column('Current', 'integer'),
    column('Ready', 'integer'),
    column('Age'),
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const { spec, status } = object as Deployment;
    return [
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(object, nowMs),
      ...containerCells(spec?.template),
      selectorText(spec?.selector),
    ];
  },
};

/** `kubectl get statefulsets`. */
export const statefulSetTable: ComputedTable = {
  columns: [column('Ready'), column('Age'), ...CONTAINER_COLUMNS],
  cells(object, nowMs) {
    const { spec, status } = object as Deployment;
    return [
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      age(object, nowMs),
      ...containerCells(spec?.template),
    ];
  },
};

/** `kubectl get daemonsets`. */
export const daemonSetTable: ComputedTable = {
  columns: [
    ...['Desired', 'Current', 'Ready', 'Up-to-date', 'Available'].map((name) =>
      column(name, 'integer'),
    ),
    column('Node Selector'),
    column('Age'),
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const { spec, status } = object as DaemonSet;
    return [
      status?.['desiredNumberScheduled'] ?? 0,
      status?.['currentNumberScheduled'] ?? 0,
      status?.['numberReady'] ?? 0,
      status?.['updatedNumberScheduled'] ?? 0,
      status?.['numberAvailable'] ?? 0,
      mapText(spec?.template?.spec?.nodeSelector),
      age(object, nowMs),
      ...containerCells(spec?.template),
      selectorText(spec?.selector),
    ];
  },
};

/** `kubectl get jobs`. */
export const jobTable: ComputedTable = {
  columns: [
    column('Status'),
    column('Completions'),
    column('Duration'),
    column('Age'),
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const job = object as Job;
    return [
      jobStatus(job),
      completionsOf(job),
      durationOf(job, nowMs),
      age(job, nowMs),
      ...containerCells(job.spec?.template),
      selectorText(job.spec?.selector),
    ];
  },
};

/** `kubectl get cronjobs`. */
export const cronJobTable: ComputedTable = {
  columns: [
    column('Schedule'),
    column('Timezone'),
    column('Suspend'),
    column('Active', 'integer'),
    column('Last Schedule'),
    column('Age'),
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const { spec, status } = object as CronJob;
    const job = spec?.jobTemplate?.spec;
    return [
      spec?.schedule ?? '',
      spec?.timeZone ?? NONE,
      spec?.suspend === true ? 'True' : 'False',
      status?.active?.length ?? 0,
      status?.lastScheduleTime === undefined ? NONE : since(status.lastScheduleTime, nowMs),
      age(object, nowMs),
      ...containerCells(job?.template),
      selectorText(job?.selector),
    ];
  },
};

function jobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completionsOf({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf({ status }: Job, nowMs: number): string {
  const startedMs = Date.parse(status?.startTime ?? '');
  if (Number.isNaN(startedMs)) return '';
  const endedMs = Date.parse(status?.completionTime ?? '');
  return humanDuration((Number.isNaN(endedMs) ? nowMs : endedMs) - startedMs);
}
