import type { IndexedField, KindDefinition, PrinterColumn } from './kind.js';
import type { CustomResourceNames, CustomResourceVersion } from './zz_generated.types.js';
import type { CustomResourceDefinition } from './custom-resource-definition.js';
import { fullNames } from './custom-resource-definition.js';
import { readReconciledAnnotations } from './reconciled-annotations.js';

/** The kind that a definition declares, in each of its versions, under the names that it was given. */
export function kindsOfDefinition(
  definition: CustomResourceDefinition,
  accepted: CustomResourceNames,
): KindDefinition[] {
  const { spec, metadata } = definition;
  const names = fullNames(accepted);
  const storage = spec.versions.find((version) => version.storage)?.name ?? '';
  const { reconciled, references, selectors } = readReconciledAnnotations(metadata.annotations);
  return spec.versions.map((version) => {
    const scale = version.subresources?.scale;
    const warning = deprecationWarning(definition, version);
    const schema = { ...version.schema?.openAPIV3Schema };
    return {
      group: spec.group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular,
      listKind: names.listKind,
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: spec.scope === 'Namespaced',
      status: version.subresources?.status !== undefined,
      ...(scale !== undefined && { scale }),
      printerColumns: (version.additionalPrinterColumns ?? []) as PrinterColumn[],
      references,
      ...(selectors !== undefined && { selectors }),
      indexed: indexedFields(version),
      immutable: [],
      sensitive: [],
      ...(reconciled !== undefined && { reconciled }),
      schema,
      ...(schema.description !== undefined && { description: schema.description }),
      ...(version.name !== storage && { storageVersion: storage }),
      ...(!version.served && { served: false }),
      ...(warning !== undefined && { deprecationWarning: warning }),
      // Another version, or an earlier schema, may have written what is stored.
      ...((spec.versions.length > 1 || metadata.generation > 1) && { coercedOnRead: true }),
    };
  });
}

/** The kind as a store lays it out: in the storage version, with the fields to select by of all. */
export function storedKind(versions: readonly KindDefinition[]): KindDefinition | undefined {
  const storage = versions.find((kind) => kind.storageVersion === undefined);
  if (storage === undefined || versions.length === 1) return storage;
  const indexed = new Map(
    versions.flatMap((kind) => kind.indexed.map((field) => [field.path, field] as const)),
  );
  return { ...storage, indexed: [...indexed.values()] };
}

function indexedFields({ selectableFields = [] }: CustomResourceVersion): IndexedField[] {
  return selectableFields.map(({ jsonPath }) => ({
    path: jsonPath.replace(/^\./, ''),
    type: 'scalar',
  }));
}

function deprecationWarning(
  { spec }: CustomResourceDefinition,
  version: CustomResourceVersion,
): string | undefined {
  if (version.deprecated !== true) return undefined;
  return (
    version.deprecationWarning ?? `${spec.group}/${version.name} ${spec.names.kind} is deprecated`
  );
}
