import { deepEqual } from '../../server/apply/deep-equal.js';
import { checkRules } from '../../server/schema/cel/index.js';
import type { CustomResourceDefinition } from '../custom-resources/custom-resource-definition.js';
import type { FieldErrors } from './field-errors.js';

type DefinitionSpec = NonNullable<CustomResourceDefinition['spec']>;

/** The rules of a CustomResourceDefinition: its name, its versions, what cannot change. */
export function checkCustomResourceDefinition(
  name: string,
  spec: DefinitionSpec | undefined,
  old: DefinitionSpec | undefined,
  errors: FieldErrors,
): void {
  if (spec === undefined) {
    errors.required('spec');
    return;
  }
  const expected = `${spec.names.plural}.${spec.group}`;
  if (name !== expected) {
    errors.invalid('metadata.name', name, `must be spec.names.plural+"."+spec.group`);
  }
  if (!['Cluster', 'Namespaced'].includes(spec.scope)) {
    errors.unsupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']);
  }
  const stored = spec.versions.filter((version) => version.storage);
  if (stored.length !== 1) {
    errors.invalid(
      'spec.versions',
      spec.versions.map((version) => version.name),
      'must have exactly one version marked as storage version',
    );
  }
  for (const [index, version] of spec.versions.entries()) {
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    const schema = version.schema?.openAPIV3Schema;
    if (schema === undefined) errors.required(path, 'schemas are required');
    else if (!deepEqual(schema, schemaOf(old, version.name))) errors.add(checkRules(schema, path));
  }
  if (old === undefined) return;
  if (old.scope !== spec.scope) errors.invalid('spec.scope', spec.scope, 'field is immutable');
  if (old.names.kind !== spec.names.kind) {
    errors.invalid('spec.names.kind', spec.names.kind, 'field is immutable');
  }
}

function schemaOf(spec: DefinitionSpec | undefined, version: string): unknown {
  return spec?.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
}
