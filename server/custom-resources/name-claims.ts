import type { KindDefinition } from '../../sdk/api/kind.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { fullNames } from '../../sdk/api/custom-resource-definition.js';

/** Names of resources (plural, singular, short) and of kinds do not get into each other's way. */
export type NameList = 'resources' | 'kinds';

interface NameSource {
  readonly plural?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind?: string;
  readonly listKind?: string;
}

type Claims = Map<string, Map<string, CustomResourceDefinition>>;

/**
 * Who has which name in one group, and who wants it. What one definition changes costs as much as it
 * has names, however many others there are.
 */
export class NameClaims {
  readonly #builtIn: ReadonlySet<string>;
  readonly #accepted: Claims = new Map();
  readonly #wanted: Claims = new Map();
  readonly #definitions = new Map<string, CustomResourceDefinition>();

  constructor(builtIn: readonly KindDefinition[] = []) {
    this.#builtIn = new Set(builtIn.flatMap(claimsOf));
  }

  get isEmpty(): boolean {
    return this.#definitions.size === 0;
  }

  /** Puts a definition in the place of the one of its name. Answers whom that may concern. */
  set(definition: CustomResourceDefinition): readonly string[] {
    const { name } = definition.metadata;
    const before = this.#drop(name);
    this.#definitions.set(name, definition);
    const accepted = acceptedBy(definition);
    const wanted = wantedBy(definition);
    for (const claim of accepted) put(this.#accepted, claim, definition);
    for (const claim of wanted) put(this.#wanted, claim, definition);
    const now = new Set([...accepted, ...wanted]);
    const left = before.filter((claim) => !now.has(claim));
    const holders = accepted.flatMap((claim) => [...(this.#accepted.get(claim)?.keys() ?? [])]);
    return [...this.#waitingFor(left), ...holders].filter((other) => other !== name);
  }

  /** Forgets a definition. Answers who may wait for its names. */
  remove(name: string): readonly string[] {
    return this.#waitingFor(this.#drop(name));
  }

  /**
   * Whether a name belongs to somebody else than this definition. Every server comes to the same
   * answer: of two definitions that both have, or both lack, a name, it belongs to the older.
   */
  isTaken(definition: CustomResourceDefinition, list: NameList, name: string): boolean {
    const claim = `${list}/${name}`;
    if (this.#builtIn.has(claim)) return true;
    const isOwn = acceptedBy(definition).includes(claim);
    const comesFirst = (other: CustomResourceDefinition): boolean => isOlder(other, definition);
    // What both have went to both at once, by two servers: the younger gives it back.
    if (isOwn) return others(this.#accepted, claim, definition).some(comesFirst);
    return (
      others(this.#accepted, claim, definition).some(() => true) ||
      others(this.#wanted, claim, definition).some(comesFirst)
    );
  }

  /** Answers the claims that it had. */
  #drop(name: string): readonly string[] {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return [];
    this.#definitions.delete(name);
    const accepted = acceptedBy(definition);
    const wanted = wantedBy(definition);
    for (const claim of accepted) drop(this.#accepted, claim, name);
    for (const claim of wanted) drop(this.#wanted, claim, name);
    return [...new Set([...accepted, ...wanted])];
  }

  #waitingFor(claims: readonly string[]): readonly string[] {
    return claims.flatMap((claim) => {
      const holders = this.#accepted.get(claim);
      const waiting = [...(this.#wanted.get(claim)?.keys() ?? [])];
      return waiting.filter((name) => holders?.has(name) !== true);
    });
  }
}

function acceptedBy({ status }: CustomResourceDefinition): readonly string[] {
  return claimsOf(status?.acceptedNames ?? {});
}

function wantedBy({ spec }: CustomResourceDefinition): readonly string[] {
  return claimsOf(fullNames(spec.names));
}

function claimsOf({ plural, singular, shortNames = [], kind, listKind }: NameSource): string[] {
  return [
    ...[plural, singular, ...shortNames].filter(isName).map((name) => `resources/${name}`),
    ...[kind, listKind].filter(isName).map((name) => `kinds/${name}`),
  ];
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== '';
}

function put(claims: Claims, claim: string, definition: CustomResourceDefinition): void {
  let claimants = claims.get(claim);
  if (claimants === undefined) claims.set(claim, (claimants = new Map()));
  claimants.set(definition.metadata.name, definition);
}

function drop(claims: Claims, claim: string, name: string): void {
  const claimants = claims.get(claim);
  claimants?.delete(name);
  if (claimants?.size === 0) claims.delete(claim);
}

/** Those with a claim but this one, looked at one by one: mostly the first says it. */
function others(
  claims: Claims,
  claim: string,
  { metadata }: CustomResourceDefinition,
): { some(condition: (other: CustomResourceDefinition) => boolean): boolean } {
  return {
    some(condition) {
      for (const [name, other] of claims.get(claim) ?? []) {
        if (name !== metadata.name && condition(other)) return true;
      }
      return false;
    },
  };
}

function isOlder(left: CustomResourceDefinition, right: CustomResourceDefinition): boolean {
  const order = (one: CustomResourceDefinition): string =>
    `${one.metadata.creationTimestamp} ${one.metadata.name}`;
  return order(left) < order(right);
}
