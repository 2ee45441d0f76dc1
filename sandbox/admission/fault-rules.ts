import type { ApiObject } from '../../sdk/api/object.js';
import { FAULT_ANNOTATION, POD_FAULTS, isPodFault } from '../controllers/pod-faults.js';
import type { FieldErrors } from './field-errors.js';

/** Where the annotations of a kind's pods stand: the names of the fields that lead to them. */
const POD_METADATA: Readonly<Record<string, readonly string[]>> = {
  'v1/Pod': ['metadata'],
  'apps/v1/Deployment': ['spec', 'template', 'metadata'],
  'apps/v1/ReplicaSet': ['spec', 'template', 'metadata'],
  'apps/v1/StatefulSet': ['spec', 'template', 'metadata'],
  'apps/v1/DaemonSet': ['spec', 'template', 'metadata'],
  'batch/v1/Job': ['spec', 'template', 'metadata'],
  'batch/v1/CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
};

/**
 * Refuses a fault on purpose that the sandbox does not know. One that is stored already may stay:
 * its object can still be changed and deleted.
 */
export function checkFault(
  object: ApiObject,
  old: ApiObject | undefined,
  errors: FieldErrors,
): void {
  const path = POD_METADATA[`${object.apiVersion}/${object.kind}`];
  if (path === undefined) return;
  const fault = faultAt(object, path);
  if (fault === undefined || isPodFault(fault)) return;
  if (old !== undefined && faultAt(old, path) === fault) return;
  errors.unsupported(`${path.join('.')}.annotations[${FAULT_ANNOTATION}]`, fault, POD_FAULTS);
}

function faultAt(object: ApiObject, path: readonly string[]): string | undefined {
  let node: unknown = object;
  for (const name of [...path, 'annotations', FAULT_ANNOTATION]) {
    node = (node as Record<string, unknown> | null | undefined)?.[name];
  }
  return typeof node === 'string' ? node : undefined;
}
