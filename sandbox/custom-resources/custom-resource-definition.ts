import type { JsonSchema, KindDefinition, PrinterColumn } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { KubeCondition } from '../kubernetes-types.js';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
}

export type CustomResourceDefinition = StoredApiObject<
  {
    group: string;
    scope: string;
    names: DefinitionNames;
    versions: DefinitionVersion[];
  },
  { conditions?: KubeCondition[]; acceptedNames?: DefinitionNames; storedVersions?: string[] }
>;

const OPEN_SCHEMA: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The names as the API shows them: what a user leaves out is derived from the kind. */
export function fullNames(
  names: DefinitionNames,
): Required<Pick<DefinitionNames, 'singular' | 'listKind'>> & DefinitionNames {
  return {
    ...names,
    singular: names.singular ?? names.kind.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
  };
}

/**
 * The kind that a definition declares, at its stored version; undefined when that is not served.
 * The other versions are not served: the sandbox does not convert.
 */
export function kindOfDefinition(definition: CustomResourceDefinition): KindDefinition | undefined {
  const { spec } = definition;
  const version = spec?.versions.find((candidate) => candidate.storage && candidate.served);
  if (spec === undefined || version === undefined) return undefined;
  const names = fullNames(spec.names);
  const scale = version.subresources?.scale;
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
    printerColumns: version.additionalPrinterColumns ?? [],
    references: [],
    indexed: [],
    immutable: [],
    sensitive: [],
    schema: version.schema?.openAPIV3Schema ?? OPEN_SCHEMA,
  };
}
