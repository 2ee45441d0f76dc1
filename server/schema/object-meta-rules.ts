import { randomInt } from 'node:crypto';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ObjectMeta } from '../../sdk/api/object.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue, requiredValue } from '../api-errors.js';
import {
  labelFault,
  labelValueFault,
  qualifiedNameFaults,
  subdomainFault,
} from './name-formats.js';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../sdk/api/finalizers.js';

const MAX_ANNOTATION_BYTES = 256 * 1024;
const MAX_GENERATED_BASE = 58;
/** Objects are found by the uids of their owners, in an index. */
const MAX_UID_CHARS = 1_024;
const MAX_FAULTS = 50;
/** No vowels and no digits that look like letters: no words by accident. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** `base` and five random characters, never longer than a DNS label allows. */
export function generateName(base: string): string {
  let suffix = '';
  for (let i = 0; i < 5; i++) suffix += SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)];
  return `${base.slice(0, MAX_GENERATED_BASE)}${suffix}`;
}

/** Everything wrong with the parts of `metadata` that a user writes, in Kubernetes' words. */
export function checkObjectMeta(kind: KindDefinition, metadata: ObjectMeta): FieldError[] {
  return [
    ...checkName(kind, metadata.name),
    ...checkLabels(metadata.labels),
    ...checkAnnotations(metadata.annotations),
    ...checkFinalizers(metadata.finalizers),
    ...checkOwners(metadata.ownerReferences),
  ];
}

function checkName(kind: KindDefinition, name: string | undefined): FieldError[] {
  const field = 'metadata.name';
  if (name === undefined || name === '') {
    return [requiredValue(field, 'name or generateName is required')];
  }
  // RBAC's names may hold anything that a path segment can.
  if (kind.group === 'rbac.authorization.k8s.io') {
    return /^\.\.?$|[/%]/.test(name)
      ? [invalidValue(field, name, `may not contain '/' or '%'`)]
      : [];
  }
  const isLabel = kind.group === '' && kind.kind === 'Namespace';
  const fault = isLabel ? labelFault(name) : subdomainFault(name);
  return fault === undefined ? [] : [invalidValue(field, name, fault)];
}

function checkLabels(labels: Record<string, string> | undefined): FieldError[] {
  const field = 'metadata.labels';
  return faultsOf(Object.entries(labels ?? {}), ([key, value]) => {
    const errors = checkQualifiedName(field, key);
    const fault = labelValueFault(value);
    if (fault !== undefined) errors.push(invalidValue(field, value, fault));
    return errors;
  });
}

/** The faults of all items, until there are more than anybody is told of. */
function faultsOf<T>(items: readonly T[], check: (item: T) => readonly FieldError[]): FieldError[] {
  const faults: FieldError[] = [];
  for (const item of items) {
    faults.push(...check(item));
    if (faults.length > MAX_FAULTS) break;
  }
  return faults;
}

function checkAnnotations(annotations: Record<string, string> | undefined): FieldError[] {
  const field = 'metadata.annotations';
  const entries = Object.entries(annotations ?? {});
  const errors = faultsOf(entries, ([key]) => checkQualifiedName(field, key.toLowerCase()));
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (size > MAX_ANNOTATION_BYTES) {
    errors.push({
      reason: 'FieldValueTooLong',
      field,
      message: `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`,
    });
  }
  return errors;
}

function checkFinalizers(finalizers: readonly string[] = []): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = faultsOf(finalizers, (name) => checkQualifiedName(field, name));
  if (finalizers.includes(ORPHAN_FINALIZER) && finalizers.includes(FOREGROUND_FINALIZER)) {
    const both = `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`;
    errors.push(invalidValue(field, finalizers, both));
  }
  return errors;
}

function checkOwners(owners: ObjectMeta['ownerReferences'] = []): FieldError[] {
  const field = 'metadata.ownerReferences';
  const errors = faultsOf(owners, (owner) => {
    const faults = (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((name) => owner[name] === '')
      .map((name) => {
        const what = name === 'apiVersion' ? 'version' : name;
        return invalidValue(`${field}.${name}`, '', `${what} must not be empty`);
      });
    if (owner.uid.length > MAX_UID_CHARS) {
      faults.push(
        invalidValue(`${field}.uid`, '', `must be no more than ${MAX_UID_CHARS} characters`),
      );
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      const banned = '/v1, Kind=Event is disallowed from being an owner';
      faults.push(invalidValue(field, owner, banned));
    }
    return faults;
  });
  const [first, second] = owners.filter(({ controller }) => controller === true);
  if (first !== undefined && second !== undefined) {
    const found = `references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    const rule = `Only one reference can have Controller set to true. Found "true" in ${found}`;
    errors.push(invalidValue(field, [first, second], rule));
  }
  return errors;
}

export function checkQualifiedName(field: string, key: string): FieldError[] {
  return qualifiedNameFaults(key).map((fault) => invalidValue(field, key, fault));
}
