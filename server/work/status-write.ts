import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { trackUpdate } from '../apply/track-update.js';
import { invalidObject } from '../api-errors.js';
import { servedSchema } from '../schema/served-schema.js';
import { checkStorableText } from '../schema/storable-text.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import type { WorkContext } from './work-context.js';
import { timestamp } from './work-context.js';

/**
 * A copy of the object with this status, without what the schema does not know.
 *
 * @throws ApiError Invalid with every fault when the schema forbids it.
 */
export function withStatus(
  context: WorkContext,
  kind: KindDefinition,
  object: ApiObject,
  status: Record<string, unknown>,
): ApiObject {
  const next: ApiObject = { ...object, status: structuredClone(status) };
  const dropped = pruneUnknownFields(next, servedSchema(kind));
  if (dropped.length > 0) {
    context.logger.warn('the status has fields that its schema does not know', {
      kind: kind.kind,
      fields: dropped.map(({ path }) => path),
    });
  }
  const errors = [
    ...checkStorableText({ status: next.status }),
    ...context.validator.validate(kind, next),
  ];
  if (errors.length > 0) throw invalidObject(kind, object.metadata.name, errors);
  return next;
}

/** Notes in `managedFields` who wrote the status. */
export function ownStatus(
  context: WorkContext,
  kind: KindDefinition,
  objects: { readonly live: ApiObject; readonly updated: ApiObject },
  manager: string,
): ApiObject {
  return trackUpdate({
    ...objects,
    manager,
    schema: servedSchema(kind),
    apiVersion: apiVersionOf(kind),
    subresource: 'status',
    now: timestamp(context),
  });
}
