import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../sdk/api/finalizers.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, objectForbidden } from '../api-errors.js';
import { checkQualifiedName } from '../schema/object-meta-rules.js';
import type { AdmissionHook, AdmissionRequest } from './admission.js';
import { checkLease } from './lease-rules.js';

/** Kept in `spec.finalizers` of a namespace until its content is gone. */
export const NAMESPACE_FINALIZER = 'kubernetes';
const STANDARD_FINALIZERS: readonly string[] = [
  NAMESPACE_FINALIZER,
  ORPHAN_FINALIZER,
  FOREGROUND_FINALIZER,
];

/**
 * What Kubernetes' core kinds ask beyond their schema: Namespace, Secret and Lease.
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
      if (resourceName(request.kind) === 'leases.coordination.k8s.io') {
        return checkLease(request.object);
      }
      if (request.kind.group !== '') return undefined;
      return request.kind.kind === 'Namespace'
        ? checkNamespaceFinalizers(request.object)
        : undefined;
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
 * A namespace is held by its finalizers from the beginning: the server removes its own when nothing is
 * left in the namespace. As in Kubernetes only the subresource `finalize` changes them; the server's
 * own comes back with the next write while the namespace is not being deleted, lest its content stays.
 */
function holdNamespace({ object, old, subresource }: AdmissionRequest): void {
  if (old === undefined) object.status = { phase: 'Active' };
  if (subresource === 'finalize') return;
  const kept = finalizersOf(old ?? object);
  const isEnding = old !== undefined && isBeingDeleted(old);
  const isHeld = isEnding || kept.includes(NAMESPACE_FINALIZER);
  const finalizers = isHeld ? kept : [...kept, NAMESPACE_FINALIZER];
  object.spec = { ...(isJsonObject(object.spec) ? object.spec : undefined), finalizers };
}

function checkNamespaceFinalizers(namespace: ApiObject): FieldError[] {
  return finalizersOf(namespace).flatMap((finalizer, i) => {
    if (typeof finalizer !== 'string') return [];
    const field = `spec.finalizers[${i}]`;
    const errors = checkQualifiedName(field, finalizer);
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
      const detail = 'name is neither a standard finalizer name nor is it fully qualified';
      errors.push(invalidValue(field, finalizer, detail));
    }
    return errors;
  });
}

function finalizersOf({ spec }: ApiObject): readonly unknown[] {
  const finalizers = isJsonObject(spec) ? spec['finalizers'] : undefined;
  return Array.isArray(finalizers) ? finalizers : [];
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
