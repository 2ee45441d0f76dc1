import type { ApiObject } from '../../sdk/api/object.js';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import {
  forbiddenField,
  invalidValue,
  requiredValue,
  tooMany,
  unsupportedValue,
} from '../api-errors.js';
import { deepEqual } from '../apply/deep-equal.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { isTrue } from '../../sdk/api/custom-resource-definition.js';
import { checkGroup, checkNames } from './name-rules.js';
import type { SchemaChecks } from './version-rules.js';
import { checkVersion } from './version-rules.js';

/** As much as etcd takes of one object: no definition that Kubernetes holds is larger. */
const MAX_SPEC_BYTES = 1_572_864;
/** Each is a kind to serve and to describe. */
const MAX_VERSIONS = 100;
const SCOPES = ['Cluster', 'Namespaced'];
const APPROVAL_ANNOTATION = 'api-approved.kubernetes.io';

/**
 * Every rule of a CustomResourceDefinition beyond the types of its fields, in the words of
 * Kubernetes' apiextensions validation. `old` is the definition before, for an update. The object
 * must have the shape that its schema says.
 */
export async function checkDefinition(
  object: ApiObject<CustomResourceDefinitionSpec, CustomResourceDefinitionStatus>,
  old: CustomResourceDefinition | undefined,
  checks: SchemaChecks,
): Promise<FieldError[]> {
  const { spec, metadata, status } = object;
  if (spec === undefined) return [requiredValue('spec')];
  const size = Buffer.byteLength(JSON.stringify(spec));
  if (size > MAX_SPEC_BYTES) {
    return [
      {
        reason: 'FieldValueTooLong',
        field: 'spec',
        message: `Too long: may not be more than ${MAX_SPEC_BYTES} bytes, found ${size}`,
      },
    ];
  }
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    errors.push(
      invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'),
    );
  }
  errors.push(
    ...(await checkSpec(spec, old?.spec, checks)),
    ...checkStoredVersions(spec, status?.storedVersions ?? []),
    ...checkApproval(object, old),
  );
  if (old !== undefined) errors.push(...checkImmutable(spec, old));
  return errors;
}

async function checkSpec(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinitionSpec | undefined,
  checks: SchemaChecks,
): Promise<FieldError[]> {
  const errors = [...checkGroup('spec.group', spec.group), ...checkNames('spec.names', spec.names)];
  if (spec.scope === '') errors.push(requiredValue('spec.scope'));
  else if (!SCOPES.includes(spec.scope)) {
    errors.push(unsupportedValue('spec.scope', spec.scope, SCOPES));
  }
  if (spec.preserveUnknownFields === true) {
    errors.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  errors.push(...checkConversion(spec.conversion), ...(await checkVersions(spec, old, checks)));
  return errors;
}

async function checkVersions(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinitionSpec | undefined,
  checks: SchemaChecks,
): Promise<FieldError[]> {
  if (spec.versions.length > MAX_VERSIONS) {
    return [tooMany('spec.versions', spec.versions.length, MAX_VERSIONS)];
  }
  const errors: FieldError[] = [];
  const names = spec.versions.map(({ name }) => name);
  for (const [i, version] of spec.versions.entries()) {
    const before = old?.versions.find(({ name }) => name === version.name);
    const isKnownSchema = before !== undefined && deepEqual(before.schema, version.schema);
    const context = { ...checks, isKnownSchema };
    errors.push(...(await checkVersion(`spec.versions[${i}]`, version, context)));
  }
  if (new Set(names).size !== names.length) {
    errors.push(invalidValue('spec.versions', names, 'must contain unique version names'));
  }
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(
      invalidValue(
        'spec.versions',
        names,
        'must have exactly one version marked as storage version',
      ),
    );
  }
  return errors;
}

function checkConversion(conversion: CustomResourceDefinitionSpec['conversion']): FieldError[] {
  const field = 'spec.conversion.strategy';
  switch (conversion?.strategy) {
    case undefined:
      return [];
    case '':
      return [requiredValue(field)];
    case 'None':
      return conversion?.webhook === undefined
        ? []
        : [
            forbiddenField(
              'spec.conversion.webhook',
              'should not be set when strategy is not set to Webhook',
            ),
          ];
    case 'Webhook':
      return [
        forbiddenField(
          field,
          'this server calls no conversion webhooks; want None, or versions that differ in nothing but their names',
        ),
      ];
    default:
      return [unsupportedValue(field, conversion?.strategy, ['None'])];
  }
}

function checkStoredVersions(
  spec: CustomResourceDefinitionSpec,
  stored: readonly string[],
): FieldError[] {
  const field = 'status.storedVersions';
  if (stored.length === 0) {
    return [invalidValue(field, stored, 'must have at least one stored version')];
  }
  const missing = spec.versions
    .filter(({ storage, name }) => storage && !stored.includes(name))
    .map(({ name }) => invalidValue(field, stored, `must have the storage version ${name}`));
  const removed = [...stored.entries()]
    .filter(([, name]) => !spec.versions.some((version) => version.name === name))
    .map(([i, name]) =>
      invalidValue(
        `${field}[${i}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    );
  return [...missing, ...removed];
}

function checkImmutable(
  spec: CustomResourceDefinitionSpec,
  old: CustomResourceDefinition,
): FieldError[] {
  const before = old.spec;
  const fields: [field: string, now: string, before: string][] = [
    ['spec.group', spec.group, before.group],
    ['spec.names.plural', spec.names.plural, before.names.plural],
  ];
  if (isTrue(old, 'Established')) {
    fields.push(
      ['spec.scope', spec.scope, before.scope],
      ['spec.names.kind', spec.names.kind, before.names.kind],
    );
  }
  return fields
    .filter(([, now, was]) => now !== was)
    .map(([field, now]) => invalidValue(field, now, 'field is immutable'));
}

/** Groups of the Kubernetes community need its approval, or the admission that there is none. */
function checkApproval(object: ApiObject, old: CustomResourceDefinition | undefined): FieldError[] {
  const { group } = object.spec as CustomResourceDefinitionSpec;
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const field = `metadata.annotations[${APPROVAL_ANNOTATION}]`;
  const value = object.metadata.annotations?.[APPROVAL_ANNOTATION] ?? '';
  if (old !== undefined && (old.metadata.annotations?.[APPROVAL_ANNOTATION] ?? '') === value) {
    return [];
  }
  if (value === '') {
    return [
      requiredValue(
        field,
        `protected groups must have approval annotation "${APPROVAL_ANNOTATION}", see https://github.com/kubernetes/enhancements/pull/1111`,
      ),
    ];
  }
  return value.startsWith('unapproved') || URL.canParse(value)
    ? []
    : [
        invalidValue(
          field,
          value,
          `protected groups must have approval annotation "${APPROVAL_ANNOTATION}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
        ),
      ];
}
