import type { ApiObject } from '../../sdk/api/object.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, objectForbidden } from '../api-errors.js';
import type { AdmissionHook, AdmissionRequest } from './admission.js';

/** Kept in `spec.finalizers` of a namespace until its content is gone. */
export const NAMESPACE_FINALIZER = 'kubernetes';

/**
 * What Kubernetes' core kinds ask beyond their schema: Namespace, Secret and ConfigMap.
 * `permanentNamespaces` cannot be deleted by anybody.
 */
export function createCoreAdmission(permanentNamespaces: readonly string[]): AdmissionHook {
  return {
    mutate(request) {
      if (request.kind.group !== '') return;
      if (request.kind.kind === 'Secret') foldStringData(request.object);
      if (request.kind.kind === 'Namespace') fillNamespace(request);
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

function fillNamespace({ object, operation }: AdmissionRequest): void {
  const { metadata } = object;
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  if (operation !== 'create') return;
  object.spec = {
    ...(isJsonObject(object.spec) ? object.spec : undefined),
    finalizers: [NAMESPACE_FINALIZER],
  };
  object.status = { phase: 'Active' };
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
