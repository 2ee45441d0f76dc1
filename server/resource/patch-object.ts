import { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
} from '../apply/index.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { badRequest, invalidValue, invalidObject } from '../api-errors.js';
import { servedSchema } from '../schema/served-schema.js';
import type { PatchBody } from './write-request.js';

/**
 * What a JSON, merge or strategic patch makes of any JSON object. Modifies neither.
 *
 * @throws ApiError for a patch that makes no sense or does not fit.
 */
export function patchObject<T extends object>(
  kind: KindDefinition,
  live: T,
  patch: Extract<PatchBody, { type: 'json' | 'merge' | 'strategic' }>,
  name: string,
): T {
  const target = live as unknown as Record<string, unknown>;
  const result = ((): unknown => {
    switch (patch.type) {
      case 'json':
        return applyJsonPatch(target, patch.body);
      case 'merge':
        return applyMergePatch(target, patch.body);
      case 'strategic':
        return applyStrategicMergePatch(
          target,
          patch.body,
          servedSchema(kind) as Record<string, unknown>,
        );
    }
  })();
  if (!isJsonObject(result) || !isJsonObject(result['metadata'])) {
    throw badRequest(`the patch does not leave an object of kind ${kind.kind}`);
  }
  const { metadata } = result;
  if (metadata['name'] !== name) {
    throw invalidObject(kind, name, [
      invalidValue('metadata.name', metadata['name'] ?? null, 'field is immutable'),
    ]);
  }
  return result as unknown as T;
}

/** The object after server-side apply of a configuration; `live` itself when nothing changes. */
export function applyConfiguration(input: {
  readonly kind: KindDefinition;
  readonly live: StoredApiObject | undefined;
  readonly applied: ApiObject;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource: string;
  readonly now: string;
}): ApiObject {
  const { kind, live, applied, subresource } = input;
  const { uid, resourceVersion } = applied.metadata;
  if (
    live !== undefined &&
    resourceVersion !== undefined &&
    resourceVersion !== live.metadata.resourceVersion
  ) {
    throw new ApiError('Conflict', 'the resourceVersion of the configuration is not the newest');
  }
  if (live !== undefined && uid !== undefined && uid !== live.metadata.uid) {
    throw new ApiError('Conflict', 'the uid of the configuration is not that of the object');
  }
  return applyServerSide({
    live,
    applied: subresource === 'status' ? statusOnly(applied) : applied,
    manager: input.manager,
    force: input.force,
    schema: servedSchema(kind) as Record<string, unknown>,
    apiVersion: applied.apiVersion,
    ...(subresource !== '' && { subresource }),
    now: input.now,
    ...(kind.status && subresource === '' && { ignoredFields: [['status']] }),
  });
}

function statusOnly({ apiVersion, kind, metadata, status }: ApiObject): ApiObject {
  const { name, namespace, managedFields } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(managedFields !== undefined && { managedFields }),
    },
    ...(status !== undefined && { status }),
  };
}
