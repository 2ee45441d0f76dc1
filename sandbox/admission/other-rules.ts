import type { ApiObject } from '../../sdk/api/object.js';
import { deepEqual } from '../../server/apply/deep-equal.js';
import type { PodSpec } from '../kubernetes-types.js';
import type { FieldErrors } from './field-errors.js';
import { checkPodSpec } from './pod-rules.js';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;
const DATA_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const POD_MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export function checkPod(
  spec: PodSpec | undefined,
  old: PodSpec | undefined,
  errors: FieldErrors,
): void {
  checkPodSpec(spec, 'spec', { restartPolicies: RESTART_POLICIES }, errors);
  if (old === undefined || spec === undefined) return;
  if (!deepEqual(fixedPart(spec, old), fixedPart(old, old))) errors.forbidden('spec', POD_MUTABLE);
}

/** What must stay; a pod that has no node yet may be given one. */
function fixedPart(spec: PodSpec, old: PodSpec): unknown {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, nodeName, ...rest } = spec;
  const withoutImages = (containers: PodSpec['containers']): unknown =>
    (containers ?? []).map(({ image: _image, ...container }) => container);
  return {
    ...rest,
    containers: withoutImages(spec.containers),
    initContainers: withoutImages(spec.initContainers),
    nodeName: old.nodeName === undefined ? '' : (nodeName ?? ''),
  };
}

/** ConfigMap and Secret: the keys of their data. */
export function checkDataKeys(object: ApiObject, errors: FieldErrors): void {
  for (const field of ['data', 'binaryData']) {
    for (const key of Object.keys((object[field] as object | undefined) ?? {})) {
      if (!DATA_KEY.test(key)) errors.invalid(`${field}[${key}]`, key, DATA_KEY_RULE);
    }
  }
}

export interface IngressSpec {
  defaultBackend?: unknown;
  rules?: { http?: { paths?: { path?: string; pathType?: string }[] } }[];
}

export function checkIngress(spec: IngressSpec | undefined, errors: FieldErrors): void {
  if ((spec?.rules ?? []).length === 0 && spec?.defaultBackend === undefined) {
    errors.invalid('spec', [], 'either `defaultBackend` or `rules` must be specified');
  }
  for (const [ruleIndex, rule] of (spec?.rules ?? []).entries()) {
    for (const [index, path] of (rule.http?.paths ?? []).entries()) {
      const field = `spec.rules[${ruleIndex}].http.paths[${index}]`;
      if (path.pathType === undefined) {
        errors.required(`${field}.pathType`, 'pathType must be specified');
      } else if (!PATH_TYPES.includes(path.pathType)) {
        errors.unsupported(`${field}.pathType`, path.pathType, PATH_TYPES);
      } else if (
        path.pathType !== 'ImplementationSpecific' &&
        path.path?.startsWith('/') !== true
      ) {
        errors.invalid(`${field}.path`, path.path ?? '', 'must be an absolute path');
      }
    }
  }
}
