import type { ApiObject } from '../../sdk/api/object.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue } from '../api-errors.js';
import { valueAt } from '../schema/field-path.js';

/** What a coordination.k8s.io/v1 Lease must be beyond its schema, in Kubernetes' words. */
export function checkLease(lease: ApiObject): readonly FieldError[] {
  const seconds = valueAt(lease, 'spec.leaseDurationSeconds');
  const transitions = valueAt(lease, 'spec.leaseTransitions');
  const errors: FieldError[] = [];
  if (typeof seconds === 'number' && seconds <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  if (typeof transitions === 'number' && transitions < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalidValue('spec.leaseTransitions', transitions, detail));
  }
  return errors;
}
