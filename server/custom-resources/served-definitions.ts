import type { KindDefinition } from '../../sdk/api/kind.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { reconciledAnnotations } from '../../sdk/api/reconciled-annotations.js';
import { deepEqual } from '../apply/deep-equal.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import type { NamesDecision } from './accepted-names.js';
import { decideNames } from './accepted-names.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { DEFINITIONS } from '../../sdk/api/custom-resource-definition.js';
import { kindsOfDefinition, storedKind } from '../../sdk/api/kinds-of-definition.js';
import { NameClaims } from './name-claims.js';

const PAGE = 200;
const MAX_ENDED = 10_000;

/** What is registered for a definition. */
interface ServedKind {
  /** Says of which state of the definition it is. */
  readonly state: string;
  readonly versions: readonly KindDefinition[];
  /** The form in which the store has it. */
  readonly stored: KindDefinition;
}

export interface ServedDefinitionsOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  /** Whether Threeport's annotations of a definition count: a server without workers heeds none. */
  readonly isReconciling: boolean;
}

/**
 * The definitions that this server knows of, and the kinds in its registry that come from them. Writes
 * no object. All kinds that the registry has at the beginning are built in.
 */
export class ServedDefinitions {
  readonly #options: ServedDefinitionsOptions;
  readonly #registry: KindRegistry;
  readonly #store: ObjectStore;
  readonly #builtIn: readonly KindDefinition[];
  readonly #known = new Map<string, CustomResourceDefinition>();
  /** By group. */
  readonly #claims = new Map<string, NameClaims>();
  /** Versions of the deletions of those that are gone: what is older comes too late. */
  readonly #ended = new Map<string, number>();
  readonly #served = new Map<string, ServedKind>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ServedDefinitionsOptions) {
    this.#options = options;
    this.#registry = options.registry;
    this.#store = options.store;
    // Those that are served without objects of their own have names as well.
    this.#builtIn = [...options.registry.list(), ...options.registry.served()];
  }

  get(name: string): CustomResourceDefinition | undefined {
    return this.#known.get(name);
  }

  /** Names of all. */
  names(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** The storage version of the kind that is served for a definition. Never a built-in kind. */
  kindOf(name: string): KindDefinition | undefined {
    return this.#served.has(name) ? this.#registry.findResource(name) : undefined;
  }

  /**
   * Takes note of a definition as it is now. Answers the names of those that it concerns: itself,
   * unless as new a state of it was known already, and others that it leaves names to, or shares some
   * with.
   */
  note(stored: StoredObject): readonly string[] {
    const { name, resourceVersion } = stored;
    if (resourceVersion <= Math.max(this.#versionOf(name), this.#ended.get(name) ?? 0)) return [];
    const definition = this.#withoutBulk(JSON.parse(stored.json) as CustomResourceDefinition);
    this.#known.set(name, definition);
    return [name, ...this.#claimsOf(definition).set(definition)];
  }

  /** Takes note of the end of a definition, and of the version of its deletion. As `note`. */
  forget({
    name,
    resourceVersion,
  }: Pick<StoredObject, 'name' | 'resourceVersion'>): readonly string[] {
    if (this.#versionOf(name) > resourceVersion) return [];
    this.#ended.delete(name);
    this.#ended.set(name, resourceVersion);
    const oldest = this.#ended.keys().next().value;
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    const definition = this.#known.get(name);
    if (definition === undefined) return [];
    this.#known.delete(name);
    const claims = this.#claimsOf(definition);
    const concerned = claims.remove(name);
    if (claims.isEmpty) this.#claims.delete(definition.spec.group);
    return [name, ...concerned];
  }

  /**
   * Serves every kind whose definition the store holds, and no other: before the first request, and
   * whenever it cannot be known what happened to definitions. Answers as `refresh`.
   */
  async load(): Promise<readonly string[]> {
    const kind = this.#registry.findResource(DEFINITIONS);
    if (kind === undefined) return [];
    const before = this.names();
    const listed = new Set<string>();
    /** Of the first page. */
    let version = Infinity;
    for await (const list of objectPages(this.#store, kind, { limit: PAGE })) {
      version = Math.min(version, list.resourceVersion);
      for (const item of list.items) {
        this.note(item);
        listed.add(item.name);
      }
    }
    // What was there before the first page and is on none has gone.
    for (const name of before) {
      if (!listed.has(name)) this.forget({ name, resourceVersion: version });
    }
    return this.refresh([...new Set([...before, ...listed])]);
  }

  /** Which names a definition gets, beside what else is there. */
  decide(definition: CustomResourceDefinition): NamesDecision {
    return decideNames(definition, this.#claimsOf(definition));
  }

  /**
   * Serves the kinds of these definitions as they are now, or no longer. Answers the names of those
   * that gained or lost fields to select by.
   *
   * @throws ApiError ServiceUnavailable when the store cannot make room now.
   */
  refresh(names: readonly string[]): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const changes: [name: string, change: ServedKind][] = [];
      for (const name of names) {
        const change = this.#changeOf(name);
        if (change !== undefined) changes.push([name, change]);
        else if (!this.#known.has(name) && this.#served.delete(name)) this.#registry.remove(name);
      }
      // One look at the database for all of them.
      if (changes.length > 0) await this.#store.addKind(...changes.map(([, { stored }]) => stored));
      const indexedAnew: string[] = [];
      for (const [name, change] of changes) {
        const before = this.#served.get(name)?.stored;
        if (before !== undefined && !hasSameColumns(before, change.stored)) {
          await this.#store.reindex(change.stored);
          indexedAnew.push(name);
        }
        this.#registry.replace(...change.versions);
        this.#served.set(name, change);
      }
      return indexedAnew;
    });
  }

  /** See ObjectStore.reindex. */
  async reindex(name: string): Promise<void> {
    const served = this.#served.get(name);
    if (served !== undefined) await this.#store.reindex(served.stored);
  }

  /** 0 when it is not known. */
  #versionOf(name: string): number {
    return Number(this.#known.get(name)?.metadata.resourceVersion ?? 0);
  }

  #claimsOf({ spec: { group } }: CustomResourceDefinition): NameClaims {
    let claims = this.#claims.get(group);
    if (claims === undefined) {
      claims = new NameClaims(this.#builtIn.filter((kind) => kind.group === group));
      this.#claims.set(group, claims);
    }
    return claims;
  }

  /** What is to be registered; undefined when that is so already, or there is nothing to. */
  #changeOf(name: string): ServedKind | undefined {
    const definition = this.#known.get(name);
    if (definition === undefined) return undefined;
    const { names, established } = this.decide(definition);
    if (established.status !== 'True') return undefined;
    const { uid, generation, annotations } = definition.metadata;
    // Annotations move no generation.
    const state = `${uid}/${generation}/${JSON.stringify([names, annotations])}`;
    const before = this.#served.get(name);
    if (before?.state === state) return undefined;
    // Its end moves the generation too: watches are to see that of its objects.
    if (before !== undefined && isBeingDeleted(definition)) return undefined;
    // A version that is as it was stays the same object: its compiled schema and its watches too.
    const versions = kindsOfDefinition(definition, names).map(
      (kind) => before?.versions.find((old) => deepEqual(old, kind)) ?? kind,
    );
    const stored = storedKind(versions);
    if (stored === undefined) return undefined;
    const isLaidOut = deepEqual(before?.stored, stored);
    return { state, versions, stored: isLaidOut ? (before?.stored ?? stored) : stored };
  }

  /** What nobody here reads, and is as large as all else: who owns fields, and kubectl's copy. */
  #withoutBulk(definition: CustomResourceDefinition): CustomResourceDefinition {
    const { managedFields: _owners, annotations, ...metadata } = definition.metadata;
    const heeded = this.#options.isReconciling ? reconciledAnnotations(annotations) : {};
    return { ...definition, metadata: { ...metadata, annotations: heeded } };
  }

  /** One after the other: two changes of one kind would each undo the other's. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function hasSameColumns(one: KindDefinition, other: KindDefinition): boolean {
  return (
    deepEqual(one.indexed, other.indexed) &&
    deepEqual(one.references, other.references) &&
    deepEqual(one.selectors, other.selectors)
  );
}
