import { ApiError } from '../../sdk/api/errors.js';
import { intersection, isEmptySet, pathsOf, type FieldSet } from './field-set.js';
import type { FieldOwner, OwnedFields } from './managed-fields.js';
import { formatPath } from './path-element.js';

/** Fields that an apply would change and that belong to somebody else. */
export interface FieldConflict {
  readonly owner: FieldOwner;
  readonly fields: FieldSet;
}

/** The conflicts of changing these fields, one per owner that has any of them. */
export function conflictsOf(others: readonly OwnedFields[], changed: FieldSet): FieldConflict[] {
  return others
    .map(({ owner, fields }) => ({ owner, fields: intersection(fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

/** The Conflict error in Kubernetes' words; causes and lines are sorted by owner, then by path. */
export function conflictError(conflicts: readonly FieldConflict[]): ApiError {
  const lines: string[] = [];
  const causes: { reason: string; message: string; field: string }[] = [];
  const byOwner = conflicts
    .map((conflict) => ({ owner: describeOwner(conflict.owner), fields: conflict.fields }))
    .toSorted((left, right) => (left.owner < right.owner ? -1 : 1));
  for (const { owner, fields } of byOwner) {
    lines.push(`conflicts with ${owner}:`);
    for (const path of pathsOf(fields)) {
      const field = formatPath(path);
      lines.push(`- ${field}`);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field });
    }
  }
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return new ApiError('Conflict', message, { details: { causes } });
}

function describeOwner(owner: FieldOwner): string {
  const subresource =
    owner.subresource === undefined || owner.subresource === ''
      ? ''
      : ` with subresource ${JSON.stringify(owner.subresource)}`;
  const version = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : '';
  return `${JSON.stringify(owner.manager)}${subresource}${version}`;
}
