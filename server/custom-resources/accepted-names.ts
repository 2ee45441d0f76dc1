import type { KindDefinition } from '../../sdk/api/kind.js';
import type { CustomResourceNames } from '../../sdk/api/zz_generated.types.js';
import type {
  CustomResourceDefinition,
  DefinitionCondition,
} from './custom-resource-definition.js';
import { findCondition, fullNames } from './custom-resource-definition.js';

/** What becomes of the names that a definition asks for. */
export interface NamesDecision {
  /** Those that it has: the ones asked for, or still the ones it had, name by name. */
  readonly names: CustomResourceNames;
  readonly namesAccepted: DefinitionCondition;
  readonly established: DefinitionCondition;
}

/** Names of a group that belong to somebody else. */
interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
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
 * does and in its words. Established stays once it is. Every server comes to the same answer: of two
 * definitions that both have, or both lack, a name, it belongs to the older.
 */
export function decideNames(
  definition: CustomResourceDefinition,
  others: Iterable<CustomResourceDefinition>,
  builtIn: Iterable<KindDefinition>,
): NamesDecision {
  const taken = takenNames(definition, others, builtIn);
  const wanted = fullNames(definition.spec.names);
  const had = definition.status?.acceptedNames;
  const names: CustomResourceNames = { ...wanted };
  let refusal: { reason: string; message: string } | undefined;

  for (const [field, reason, used] of [
    ['plural', 'PluralConflict', taken.resources],
    ['singular', 'SingularConflict', taken.resources],
    ['shortNames', 'ShortNamesConflict', taken.resources],
    ['kind', 'KindConflict', taken.kinds],
    ['listKind', 'ListKindConflict', taken.kinds],
  ] as const) {
    const clashes = [wanted[field] ?? []].flat().filter((name) => used.has(name));
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

function takenNames(
  definition: CustomResourceDefinition,
  others: Iterable<CustomResourceDefinition>,
  builtIn: Iterable<KindDefinition>,
): TakenNames {
  const { group } = definition.spec;
  const resources = new Set<string>();
  const kinds = new Set<string>();
  const own = new Set(namesIn(definition.status?.acceptedNames));
  const take = (names: NameSource, isOthers: (name: string) => boolean): void => {
    for (const name of resourceNamesIn(names)) if (isOthers(name)) resources.add(name);
    for (const name of kindNamesIn(names)) if (isOthers(name)) kinds.add(name);
  };
  for (const kind of builtIn) if (kind.group === group) take(kind, () => true);
  for (const other of others) {
    if (other.spec.group !== group || other.metadata.name === definition.metadata.name) continue;
    const comesFirst = isOlder(other, definition);
    // What both have went to both at once, by two servers: the younger gives it back.
    take(other.status?.acceptedNames ?? {}, (name) => comesFirst || !own.has(name));
    take(fullNames(other.spec.names), (name) => comesFirst && !own.has(name));
  }
  return { resources, kinds };
}

function isOlder(left: CustomResourceDefinition, right: CustomResourceDefinition): boolean {
  const order = (one: CustomResourceDefinition): string =>
    `${one.metadata.creationTimestamp} ${one.metadata.name}`;
  return order(left) < order(right);
}

interface NameSource {
  readonly plural?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind?: string;
  readonly listKind?: string;
}

function namesIn(names: NameSource = {}): string[] {
  return [...resourceNamesIn(names), ...kindNamesIn(names)];
}

function resourceNamesIn({ plural, singular, shortNames = [] }: NameSource): string[] {
  return [plural, singular, ...shortNames].filter(isName);
}

function kindNamesIn({ kind, listKind }: NameSource): string[] {
  return [kind, listKind].filter(isName);
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== '';
}

/** Kubernetes' way to join several faults. */
function listOf(messages: readonly string[]): string {
  return messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]`;
}
