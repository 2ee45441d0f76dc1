import type { ApiObject } from '../../sdk/api/object.js';
import type { ClaimSpec, JobSpec, WorkloadSpec } from '../kubernetes-types.js';
import { defaultPodTemplate } from './pod-defaults.js';
import { canonicaliseQuantities } from '../../server/schema/quantity.js';

/** Kubernetes' defaults of a Deployment's spec, in place. */
export function defaultDeployment(spec: WorkloadSpec): void {
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  defaultPodTemplate(spec.template);
}

export function defaultReplicaSet(spec: WorkloadSpec): void {
  spec.replicas ??= 1;
  defaultPodTemplate(spec.template);
}

export function defaultStatefulSet(spec: WorkloadSpec): void {
  spec.replicas ??= 1;
  spec.podManagementPolicy ??= 'OrderedReady';
  spec.revisionHistoryLimit ??= 10;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  defaultPodTemplate(spec.template);
  for (const template of spec.volumeClaimTemplates ?? []) {
    template.apiVersion ??= 'v1';
    template.kind ??= 'PersistentVolumeClaim';
    template.spec ??= {};
    defaultClaim(template.spec);
    template.status ??= { phase: 'Pending' };
  }
}

export function defaultDaemonSet(spec: WorkloadSpec): void {
  spec.revisionHistoryLimit ??= 10;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
  }
  defaultPodTemplate(spec.template);
}

/** A Job's defaults; the selector and the labels that tie its pods to it come from its uid. */
export function defaultJob(job: ApiObject<JobSpec>): void {
  const spec = (job.spec ??= {});
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= 6;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  // A Job's pods need an explicit restart policy: no default.
  defaultPodTemplate(spec.template, '');
}

/** The selector and labels by which a Job finds its own pods. In place. */
export function selectJobPods(job: ApiObject<JobSpec>): void {
  const spec = (job.spec ??= {});
  const uid = job.metadata.uid;
  if (uid === undefined || spec.manualSelector === true || spec.template === undefined) return;
  spec.selector ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  spec.template.metadata ??= {};
  spec.template.metadata.labels = {
    ...spec.template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': uid,
    'job-name': job.metadata.name,
  };
}

export interface CronJobSpec {
  concurrencyPolicy?: string;
  suspend?: boolean;
  successfulJobsHistoryLimit?: number;
  failedJobsHistoryLimit?: number;
  jobTemplate?: { spec?: JobSpec };
}

export function defaultCronJob(spec: CronJobSpec): void {
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  defaultPodTemplate(spec.jobTemplate?.spec?.template, '');
}

/** What a claim has when it says nothing; the storage class is chosen at create, see admission. */
export function defaultClaim(spec: ClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  canonicaliseQuantities(spec.resources?.requests);
  canonicaliseQuantities(spec.resources?.limits);
}
