import type {
  ClaimSpec,
  JobSpec,
  LabelSelector,
  PodTemplate,
  WorkloadSpec,
} from '../kubernetes-types.js';
import { deepEqual } from '../../server/apply/deep-equal.js';
import { matchesSelector } from '../label-selector.js';
import type { FieldErrors } from './field-errors.js';
import { checkPodSpec } from './pod-rules.js';
import { isQuantity } from '../../server/schema/quantity.js';

const IMMUTABLE = 'field is immutable';
const STATEFUL_SET_MUTABLE = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
]);

/** Deployment, ReplicaSet, StatefulSet and DaemonSet: replicas, selector and template. */
export function checkWorkload(
  kind: string,
  spec: WorkloadSpec | undefined,
  old: WorkloadSpec | undefined,
  errors: FieldErrors,
): void {
  checkCount('spec.replicas', spec?.replicas, errors);
  checkCount('spec.minReadySeconds', spec?.minReadySeconds, errors);
  if (spec?.selector === undefined) errors.required('spec.selector');
  else if (isEmptySelector(spec.selector)) {
    errors.invalid(
      'spec.selector',
      spec.selector,
      `empty selector is invalid for ${kind.toLowerCase()}`,
    );
  }
  checkTemplateLabels(spec?.selector, spec?.template, errors);
  const addedVolumes = (spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  const rules = { restartPolicies: ['Always'], addedVolumes };
  checkPodSpec(spec?.template?.spec, 'spec.template.spec', rules, errors);
  checkStrategy(kind, spec, errors);
  if (old === undefined || spec === undefined) return;
  if (kind === 'StatefulSet') checkStatefulSetUpdate(spec, old, errors);
  else if (!deepEqual(spec.selector, old.selector)) {
    errors.invalid('spec.selector', spec.selector, IMMUTABLE);
  }
}

export function checkJob(
  spec: JobSpec | undefined,
  old: JobSpec | undefined,
  errors: FieldErrors,
): void {
  checkCount('spec.completions', spec?.completions, errors);
  checkCount('spec.parallelism', spec?.parallelism, errors);
  checkCount('spec.backoffLimit', spec?.backoffLimit, errors);
  const rules = { restartPolicies: ['OnFailure', 'Never'] };
  checkPodSpec(spec?.template?.spec, 'spec.template.spec', rules, errors);
  if (old === undefined || spec === undefined) return;
  for (const field of ['completions', 'selector', 'template'] as const) {
    if (!deepEqual(spec[field], old[field]))
      errors.invalid(`spec.${field}`, spec[field], IMMUTABLE);
  }
}

export function checkClaim(
  spec: ClaimSpec | undefined,
  old: ClaimSpec | undefined,
  errors: FieldErrors,
): void {
  if (spec?.accessModes === undefined || spec.accessModes.length === 0) {
    errors.required('spec.accessModes', 'at least 1 access mode is required');
  }
  const storage = spec?.resources?.requests?.['storage'];
  if (storage === undefined) errors.required('spec.resources[storage]');
  else if (!isQuantity(storage)) {
    errors.invalid('spec.resources.requests[storage]', storage, 'must be a quantity such as 1Gi');
  }
  if (old === undefined || spec === undefined) return;
  // The cluster itself fills in the volume, and a bound claim may grow.
  const { resources: _new, volumeName, ...rest } = spec;
  const { resources: _old, volumeName: oldVolumeName, ...oldRest } = old;
  const volumeChanged = oldVolumeName !== undefined && oldVolumeName !== volumeName;
  if (volumeChanged || !deepEqual(rest, oldRest)) {
    errors.forbidden(
      'spec',
      'spec is immutable after creation except resources.requests for bound claims',
    );
  }
}

function checkCount(field: string, value: number | undefined, errors: FieldErrors): void {
  if (value !== undefined && value < 0) {
    errors.invalid(field, value, 'must be greater than or equal to 0');
  }
}

function checkTemplateLabels(
  selector: LabelSelector | undefined,
  template: PodTemplate | undefined,
  errors: FieldErrors,
): void {
  const labels = template?.metadata?.labels;
  if (selector !== undefined && matchesSelector(labels, selector)) return;
  errors.invalid(
    'spec.template.metadata.labels',
    labels ?? null,
    '`selector` does not match template `labels`',
  );
}

function checkStrategy(kind: string, spec: WorkloadSpec | undefined, errors: FieldErrors): void {
  const [field, strategy, supported] =
    kind === 'Deployment'
      ? (['spec.strategy', spec?.strategy, ['Recreate', 'RollingUpdate']] as const)
      : (['spec.updateStrategy', spec?.updateStrategy, ['OnDelete', 'RollingUpdate']] as const);
  if (strategy?.type === undefined) return;
  if (!(supported as readonly string[]).includes(strategy.type)) {
    errors.unsupported(`${field}.type`, strategy.type, supported);
  } else if (strategy.type !== 'RollingUpdate' && strategy.rollingUpdate !== undefined) {
    errors.forbidden(
      `${field}.rollingUpdate`,
      `may not be specified when strategy \`type\` is '${strategy.type}'`,
    );
  }
}

function checkStatefulSetUpdate(spec: WorkloadSpec, old: WorkloadSpec, errors: FieldErrors): void {
  const fixed = (value: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !STATEFUL_SET_MUTABLE.has(key)));
  if (deepEqual(fixed(spec), fixed(old))) return;
  errors.forbidden(
    'spec',
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  );
}

function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  );
}
