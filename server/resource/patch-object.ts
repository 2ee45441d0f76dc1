import type { KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject, textOf } from '../apply/json-object.js';
import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
} from '../apply/index.js';
import type { ApiObject, ObjectMeta, StoredApiObject } from '../../sdk/api/object.js';
import {
  badRequest,
  invalidValue,
  invalidObject,
  objectModified,
  operationConflict,
} from '../api-errors.js';
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
  const patchedName = result['metadata']['name'] ?? '';
  if (patchedName === '') {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (patchedName !== name) {
    throw badRequest(
      `the name of the object (${textOf(patchedName)}) does not match the name on the URL (${name})`,
    );
  }
  const uid = result['metadata']['uid'] ?? '';
  if (uid !== '' && uid !== (target['metadata'] as ObjectMeta).uid) {
    throw invalidObject(kind, name, [invalidValue('metadata.uid', uid, 'field is immutable')]);
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
  readonly isServed: (apiVersion: string) => boolean;
  readonly now: string;
}): ApiObject {
  const { kind, live, applied, subresource } = input;
  const { name, uid, resourceVersion } = applied.metadata;
  if (live === undefined && uid !== undefined) {
    throw operationConflict(
      kind,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  }
  if (
    live !== undefined &&
    resourceVersion !== undefined &&
    resourceVersion !== live.metadata.resourceVersion
  ) {
    throw objectModified(kind, name);
  }
  if (live !== undefined && uid !== undefined && uid !== live.metadata.uid) {
    throw invalidObject(kind, name, [invalidValue('metadata.uid', uid, 'field is immutable')]);
  }
  return applyServerSide({
    live,
    applied: subresource === 'status' ? statusOnly(applied) : applied,
    manager: input.manager,
    force: input.force,
    schema: servedSchema(kind) as Record<string, unknown>,
    apiVersion: applied.apiVersion,
    isServed: input.isServed,
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
