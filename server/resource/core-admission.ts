import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, objectForbidden } from '../api-errors.js';
import { SERVER_USER } from '../request-user.js';
import type { AdmissionHook, AdmissionRequest } from './admission.js';

/** Kept in `spec.finalizers` of a namespace until its content is gone. */
export const NAMESPACE_FINALIZER = 'kubernetes';

/**
 * What Kubernetes' core kinds ask beyond their schema: Namespace, Secret and ConfigMap.
 * `permanentNamespaces` cannot be deleted by anybody.
 */
export function createCoreAdmission(permanentNamespaces: readonly string[]): AdmissionHook {
  return {
    setDefaults({ kind, object }) {
      if (kind.group !== '') return;
      if (kind.kind === 'Secret') foldStringData(object);
      if (kind.kind === 'Namespace') labelNamespace(object);
    },

    mutate(request) {
      if (request.kind.group === '' && request.kind.kind === 'Namespace') holdNamespace(request);
    },

    validate(request) {
      if (request.kind.group !== '' || request.operation !== 'update') return undefined;
      const canBeImmutable = ['Secret', 'ConfigMap'].includes(request.kind.kind);
      return canBeImmutable ? checkImmutable(request) : undefined;
    },

    beforeDelete({ kind, object }) {
      const { name } = object.metadata;
      if (kind.group === '' && kind.kind === 'Namespace' && permanentNamespaces.includes(name)) {
        throw objectForbidden(kind, name, 'this namespace may not be deleted');
      }
    },
  };
}

function foldStringData(secret: ApiObject): void {
  const { stringData } = secret;
  if (!isJsonObject(stringData)) return;
  const data = { ...(isJsonObject(secret['data']) ? secret['data'] : {}) };
  for (const [key, value] of Object.entries(stringData)) {
    // Anything but text stays for the schema to refuse.
    if (typeof value !== 'string') return;
    data[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  secret['data'] = data;
  delete secret['stringData'];
}

function labelNamespace({ metadata }: ApiObject): void {
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

/**
 * A namespace is held by its finalizer from the beginning until the server itself has removed what
 * is in it, whatever a write says: without it the namespace would go and leave its content behind.
 */
function holdNamespace({ object, old, user }: AdmissionRequest): void {
  if (old === undefined) object.status = { phase: 'Active' };
  const isEnding = old !== undefined && isBeingDeleted(old);
  if (isEnding && user === SERVER_USER) return;
  const kept = finalizersOf(old ?? object);
  const finalizers =
    isEnding || kept.includes(NAMESPACE_FINALIZER) ? kept : [...kept, NAMESPACE_FINALIZER];
  object.spec = { ...(isJsonObject(object.spec) ? object.spec : undefined), finalizers };
}

function finalizersOf({ spec }: ApiObject): readonly unknown[] {
  const finalizers = isJsonObject(spec) ? spec['finalizers'] : undefined;
  return Array.isArray(finalizers) ? finalizers : [];
}

function checkImmutable({ object, old }: AdmissionRequest): readonly FieldError[] {
  if (old?.['immutable'] !== true) return [];
  const errors: FieldError[] = [];
  const detail = 'field is immutable when `immutable` is set';
  if (object['immutable'] !== true) errors.push(forbiddenField('immutable', detail));
  for (const field of ['data', 'binaryData']) {
    if (!deepEqual(old[field], object[field])) errors.push(forbiddenField(field, detail));
  }
  return errors;
}

/** 422 for each path that differs, without the value where it is sensitive. */
export function checkImmutablePaths(
  paths: readonly { readonly path: string; readonly old: unknown; readonly next: unknown }[],
  sensitive: readonly string[],
): FieldError[] {
  return paths
    .filter(({ old, next }) => !deepEqual(old, next))
    .map(({ path, next }) =>
      sensitive.some((one) => one === path || one.startsWith(`${path}.`))
        ? forbiddenField(path, 'field is immutable')
        : invalidValue(path, next ?? null, 'field is immutable'),
    );
}
