import {
  FINALIZER_ANNOTATION,
  readReconciledAnnotations,
  REFERENCES_ANNOTATION,
} from '../../sdk/api/reconciled-annotations.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceVersion,
} from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, requiredValue } from '../api-errors.js';
import { isJsonObject } from '../apply/json-object.js';

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const CONDITION_FIELDS = [
  'type',
  'status',
  'reason',
  'message',
  'observedGeneration',
  'lastTransitionTime',
];

/**
 * The rules of Threeport's annotations of a CustomResourceDefinition, whose object must have the
 * shape that its schema says: each must be readable, what they name must be in the schema, and a
 * reconciled kind must have room for what the reconciler runtime writes, which would be pruned.
 */
export function checkReconciledAnnotations(
  object: ApiObject<CustomResourceDefinitionSpec>,
  old: ApiObject | undefined,
): FieldError[] {
  const { annotations } = object.metadata;
  const {
    reconciled,
    references,
    selectors = [],
    problems,
  } = readReconciledAnnotations(annotations);
  const errors = problems.map(({ annotation, value, detail }) =>
    invalidValue(fieldOf(annotation), value, detail),
  );
  const before = old?.metadata.annotations?.[FINALIZER_ANNOTATION];
  const finalizer = annotations?.[FINALIZER_ANNOTATION];
  if (before !== undefined && finalizer !== undefined && finalizer !== before) {
    const detail = 'field is immutable: objects carry the finalizer';
    errors.push(invalidValue(fieldOf(FINALIZER_ANNOTATION), finalizer, detail));
  }
  for (const [i, version] of (object.spec?.versions ?? []).entries()) {
    const field = `spec.versions[${i}]`;
    for (const { path, namespacePath } of references) {
      errors.push(...checkTexts(version, [path, namespacePath]));
    }
    for (const { path, namespacePath } of selectors) {
      errors.push(...checkSelector(version, path), ...checkTexts(version, [namespacePath]));
    }
    if (reconciled !== undefined) errors.push(...checkStatus(field, version));
  }
  return errors;
}

function fieldOf(annotation: string): string {
  return `metadata.annotations[${annotation}]`;
}

function checkTexts(
  version: CustomResourceVersion,
  paths: readonly (string | undefined)[],
): FieldError[] {
  return paths.flatMap((path) => {
    if (path === undefined) return [];
    const node = nodeAt(version, path);
    if (isJsonObject(node) && node['type'] === 'string') return [];
    const detail = `must be a field of type string in version ${version.name}`;
    return [invalidValue(fieldOf(REFERENCES_ANNOTATION), `.${path}`, detail)];
  });
}

/** What the schema does not know is pruned: a selector without its labels would select all. */
function checkSelector(version: CustomResourceVersion, path: string): FieldError[] {
  const node = nodeAt(version, path);
  const parts = ['matchLabels', 'matchExpressions'];
  if (isOpen(node) || parts.every((part) => propertyOf(node, part) !== undefined)) return [];
  const detail = `must be an object with ${parts.join(' and ')} in version ${version.name}`;
  return [invalidValue(fieldOf(REFERENCES_ANNOTATION), `.${path}`, detail)];
}

function nodeAt(version: CustomResourceVersion, path: string): unknown {
  let node: unknown = schemaOf(version);
  for (const name of path.split('.')) node = propertyOf(node, name);
  return node;
}

function checkStatus(field: string, version: CustomResourceVersion): FieldError[] {
  if (version.subresources?.status === undefined) {
    const detail = 'a reconciled kind has the status subresource';
    return [requiredValue(`${field}.subresources.status`, detail)];
  }
  const root = schemaOf(version);
  if (isOpen(root)) return [];
  const at = `${field}.schema.openAPIV3Schema.properties[status]`;
  const status = propertyOf(root, 'status');
  if (isOpen(status)) return [];
  const errors: FieldError[] = [];
  const conditions = propertyOf(status, 'conditions');
  if (!isOpen(conditions)) {
    const items = isJsonObject(conditions) ? conditions['items'] : undefined;
    const missing = CONDITION_FIELDS.filter((name) => propertyOf(items, name) === undefined);
    if (!isOpen(items) && missing.length > 0) {
      const detail = `the reconciler runtime writes conditions; their items lack ${missing.join(', ')}`;
      errors.push(requiredValue(`${at}.properties[conditions]`, detail));
    }
  }
  const observed = propertyOf(status, 'observedGeneration');
  if (observed === undefined) {
    const detail = 'the reconciler runtime writes it';
    errors.push(requiredValue(`${at}.properties[observedGeneration]`, detail));
  } else if (isJsonObject(observed) && observed['type'] !== 'integer') {
    const detail = 'must be of type integer: the reconciler runtime writes it';
    errors.push(forbiddenField(`${at}.properties[observedGeneration].type`, detail));
  }
  return errors;
}

function schemaOf(version: CustomResourceVersion): unknown {
  return version.schema?.openAPIV3Schema;
}

function propertyOf(node: unknown, name: string): unknown {
  const properties = isJsonObject(node) ? node['properties'] : undefined;
  return isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function isOpen(node: unknown): boolean {
  return isJsonObject(node) && node[PRESERVE] === true;
}
