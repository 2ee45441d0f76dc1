import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { trackUpdate } from '../apply/track-update.js';
import { invalidObject } from '../api-errors.js';
import { validateRules } from '../schema/cel/index.js';
import { servedSchema } from '../schema/served-schema.js';
import { checkStorableText } from '../schema/storable-text.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import type { WorkContext } from './work-context.js';
import { timestamp } from './work-context.js';

/**
 * A copy of the object with this status, without what the schema does not know. `old`: the object as
 * it is stored, when it is.
 *
 * @throws ApiError Invalid with every fault when the schema or its rules forbid it.
 */
export async function withStatus(
  context: WorkContext,
  kind: KindDefinition,
  { object, old }: { readonly object: ApiObject; readonly old?: StoredApiObject },
  status: Record<string, unknown>,
): Promise<ApiObject> {
  const next: ApiObject = { ...object, status: structuredClone(status) };
  const dropped = pruneUnknownFields(next, servedSchema(kind));
  if (dropped.length > 0) {
    context.logger.warn('the status has fields that its schema does not know', {
      kind: kind.kind,
      fields: dropped.map(({ path }) => path),
    });
  }
  const schemaErrors = context.validator.validate(kind, next);
  const errors = [
    ...checkStorableText({ status: next.status }),
    ...schemaErrors,
    ...(await validateRules(kind, { object: next, old, schemaErrors })),
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
