import type { CustomResourceNames } from '../../sdk/api/zz_generated.types.js';
import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from '../../sdk/api/custom-resource-definition.js';
import { findCondition, fullNames } from '../../sdk/api/custom-resource-definition.js';
import type { NameClaims } from './name-claims.js';

/** What becomes of the names that a definition asks for. */
export interface NamesDecision {
  /** Those that it has: the ones asked for, or still the ones it had, name by name. */
  readonly names: CustomResourceNames;
  readonly namesAccepted: DefinitionCondition;
  readonly established: DefinitionCondition;
}

const FREE: DefinitionCondition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};
const ESTABLISHED: DefinitionCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};
const NOT_ESTABLISHED: DefinitionCondition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

/**
 * Gives a definition the names that nobody else has in its group, as Kubernetes' naming controller
 * does and in its words. Established stays once it is.
 */
export function decideNames(
  definition: CustomResourceDefinition,
  claims: Pick<NameClaims, 'isTaken'>,
): NamesDecision {
  const wanted = fullNames(definition.spec.names);
  const had = definition.status?.acceptedNames;
  const names: CustomResourceNames = { ...wanted };
  let refusal: { reason: string; message: string } | undefined;

  for (const [field, reason, list] of [
    ['plural', 'PluralConflict', 'resources'],
    ['singular', 'SingularConflict', 'resources'],
    ['shortNames', 'ShortNamesConflict', 'resources'],
    ['kind', 'KindConflict', 'kinds'],
    ['listKind', 'ListKindConflict', 'kinds'],
  ] as const) {
    const asked = [wanted[field] ?? []].flat();
    const clashes = asked.filter((name) => claims.isTaken(definition, list, name));
    if (clashes.length === 0) continue;
    refusal = { reason, message: listOf(clashes.map((name) => `"${name}" is already in use`)) };
    const before = had?.[field];
    if (before !== undefined) Object.assign(names, { [field]: before });
    else if (field === 'plural' || field === 'kind') names[field] = '';
    else delete names[field];
  }
  const namesAccepted: DefinitionCondition =
    refusal === undefined ? FREE : { type: 'NamesAccepted', status: 'False', ...refusal };
  const before = findCondition(definition, 'Established');
  const isEstablished = before?.status === 'True' || refusal === undefined;
  const established =
    before?.status === 'True' ? before : isEstablished ? ESTABLISHED : NOT_ESTABLISHED;
  return { names, namesAccepted, established };
}

/** Kubernetes' way to join several faults. */
function listOf(messages: readonly string[]): string {
  return messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]`;
}
