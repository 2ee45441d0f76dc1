import type { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { isJsonObject, textOf } from '../apply/json-object.js';
import { badRequest } from '../api-errors.js';

/**
 * A body as an object of the kind that its URL names. `apiVersion`, `kind`, name and namespace are
 * filled in from the URL where they are absent. Changes and returns the body.
 *
 * @throws ApiError BadRequest when it is no object, or says something else than the URL.
 */
export function incomingObject(
  kind: KindDefinition,
  namespace: string,
  name: string,
  body: unknown,
): ApiObject {
  if (!isJsonObject(body)) {
    throw badRequest(`the body of the request must be an object of kind ${kind.kind}`);
  }
  const apiVersion = apiVersionOf(kind);
  body['apiVersion'] ??= apiVersion;
  body['kind'] ??= kind.kind;
  if (body['kind'] !== kind.kind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): it says kind ${JSON.stringify(body['kind'])}`,
    );
  }
  if (body['apiVersion'] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${textOf(body['apiVersion'])}) does not match the expected API version (${apiVersion})`,
    );
  }
  body['metadata'] ??= {};
  const metadata = body['metadata'];
  if (!isJsonObject(metadata)) throw badRequest('metadata must be an object');
  placeInNamespace(kind, namespace, name, metadata);
  if (name !== '') {
    metadata['name'] ??= name;
    if (metadata['name'] !== name) {
      throw badRequest(
        `the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`,
      );
    }
  }
  return body as unknown as ApiObject;
}

function placeInNamespace(
  kind: KindDefinition,
  namespace: string,
  name: string,
  metadata: Record<string, unknown>,
): void {
  if (!kind.namespaced) {
    const given = metadata['namespace'] ?? '';
    // A namespace's own URL has one: itself.
    const isNamespace = kind.group === '' && kind.kind === 'Namespace';
    if (isNamespace && name !== '' && given !== '' && given !== name) {
      throw namespaceDiffers(given, name);
    }
    // Ansible gives one to every object; a kube-apiserver takes it away without a word.
    if (typeof given === 'string') delete metadata['namespace'];
    return;
  }
  if (metadata['namespace'] === undefined || metadata['namespace'] === '') {
    metadata['namespace'] = namespace;
  }
  if (metadata['namespace'] !== namespace) {
    if (name !== '') throw namespaceDiffers(metadata['namespace'], namespace);
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

function namespaceDiffers(given: unknown, requested: string): ApiError {
  return badRequest(
    `the namespace of the object (${textOf(given)}) does not match the namespace on the request (${requested})`,
  );
}
