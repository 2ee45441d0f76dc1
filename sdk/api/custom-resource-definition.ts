import type { StoredApiObject } from './object.js';
import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
  CustomResourceNames,
} from './zz_generated.types.js';

export type CustomResourceDefinition = StoredApiObject<
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus
> & { spec: CustomResourceDefinitionSpec };

export type DefinitionCondition = NonNullable<CustomResourceDefinitionStatus['conditions']>[number];

/** Resource name of the kind that declares kinds. */
export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Kept on a definition until the objects of its kind are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** The names in full: what an author leaves out is derived from the kind. */
export function fullNames(
  names: CustomResourceNames,
): CustomResourceNames & Required<Pick<CustomResourceNames, 'singular' | 'listKind'>> {
  return {
    ...names,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
  };
}

export function findCondition(
  definition: Pick<CustomResourceDefinition, 'status'>,
  type: string,
): DefinitionCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(
  definition: Pick<CustomResourceDefinition, 'status'>,
  type: string,
): boolean {
  return findCondition(definition, type)?.status === 'True';
}
