import { ApiError } from './errors.js';
import type { KindDefinition } from './kind.js';
import { isStorageVersion, isStored, resourceName } from './kind.js';
import { parseApiVersion } from './object.js';
import { compareVersions } from './version-order.js';

/** A kind in all its versions. */
export interface KindVersions {
  /** The version in which objects are stored. It may be one that is not served. */
  readonly storage: KindDefinition;
  /** Every version, that of storage included, the preferred one first. */
  readonly all: readonly KindDefinition[];
}

/** Told what is no longer served as it was: kinds that were removed, or replaced by others. */
export type RetirementListener = (retired: readonly KindDefinition[]) => void;

/**
 * The kinds that one API serves, each in one or more versions, looked up in every way that a request
 * names them. Kinds may come, change and go while it is in use; look-ups see that at once.
 */
export class KindRegistry {
  readonly #byResource = new Map<string, KindVersions>();
  readonly #byKind = new Map<string, KindVersions>();
  readonly #listeners = new Set<RetirementListener>();
  #list: readonly KindDefinition[] | undefined;
  #served: readonly KindDefinition[] | undefined;
  #revision = 0;

  constructor(kinds: Iterable<KindDefinition> = []) {
    const groups = new Map<string, KindDefinition[]>();
    for (const kind of kinds) {
      const versions = groups.get(resourceName(kind));
      if (versions === undefined) groups.set(resourceName(kind), [kind]);
      else versions.push(kind);
    }
    for (const versions of groups.values()) this.add(...versions);
  }

  /** Moves with every change: what was derived from the kinds is good as long as it does not. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Adds a kind in all its versions, which share group, plural and kind.
   *
   * @throws ApiError Conflict when the resource name or the kind is taken.
   */
  add(...versions: readonly KindDefinition[]): void {
    const added = kindVersions(versions);
    const resource = resourceName(added.storage);
    const { kind } = added.storage;
    if (this.#byResource.has(resource) || this.#byKind.has(kindKey(added.storage))) {
      throw new ApiError('Conflict', `kind ${kind} (${resource}) is registered already`);
    }
    this.#byResource.set(resource, added);
    this.#byKind.set(kindKey(added.storage), added);
    this.#changed();
  }

  /**
   * Puts these versions in the place of those that the kind had, or adds it. No look-up in between
   * misses it.
   *
   * @throws ApiError Conflict when the kind belongs to another resource.
   */
  replace(...versions: readonly KindDefinition[]): void {
    const replacing = kindVersions(versions);
    const resource = resourceName(replacing.storage);
    const holder = this.#byKind.get(kindKey(replacing.storage));
    if (holder !== undefined && resourceName(holder.storage) !== resource) {
      throw new ApiError(
        'Conflict',
        `kind ${replacing.storage.kind} belongs to ${resourceName(holder.storage)}`,
      );
    }
    const old = this.#byResource.get(resource);
    if (old !== undefined) this.#byKind.delete(kindKey(old.storage));
    this.#byResource.set(resource, replacing);
    this.#byKind.set(kindKey(replacing.storage), replacing);
    this.#changed(old?.all.filter((kind) => !replacing.all.includes(kind)));
  }

  /** Forgets a kind: requests for it are not found from now on. Unknown ones are ignored. */
  remove(resource: string): void {
    const versions = this.#byResource.get(resource);
    if (versions === undefined) return;
    this.#byResource.delete(resource);
    this.#byKind.delete(kindKey(versions.storage));
    this.#changed(versions.all);
  }

  /** Calls back after a kind, or a version of it, was removed or replaced. */
  onRetired(listener: RetirementListener): void {
    this.#listeners.add(listener);
  }

  /** Every kind that is stored, once, in its storage version, in the order in which they were added. */
  list(): readonly KindDefinition[] {
    this.#list ??= [...this.#byResource.values()].map(({ storage }) => storage).filter(isStored);
    return this.#list;
  }

  /** Every kind in every version that is served. */
  served(): readonly KindDefinition[] {
    this.#served ??= [...this.#byResource.values()].flatMap(({ all }) => all.filter(isServed));
    return this.#served;
  }

  /** By the segments of a request path. Only what is served. */
  find(group: string, version: string, plural: string): KindDefinition | undefined {
    const versions = this.#byResource.get(resourceName({ group, plural }));
    return versions?.all.find((kind) => kind.version === version && isServed(kind));
  }

  /** By resource name, as in `workloads.workload.threeport.io`: the storage version. */
  findResource(resource: string): KindDefinition | undefined {
    return this.#byResource.get(resource)?.storage;
  }

  /** All versions of a resource. */
  findVersions(resource: string): KindVersions | undefined {
    return this.#byResource.get(resource);
  }

  /** The storage version of a kind. */
  findKind(group: string, kind: string): KindDefinition | undefined {
    return this.#byKind.get(`${group}/${kind}`)?.storage;
  }

  /** By what an object says of itself. Only what is served. */
  findFor(object: { apiVersion: string; kind: string }): KindDefinition | undefined {
    const { group, version } = parseApiVersion(object.apiVersion);
    const versions = this.#byKind.get(`${group}/${object.kind}`);
    return versions?.all.find((kind) => kind.version === version && isServed(kind));
  }

  /** @throws ApiError NotFound naming the resource. */
  resource(resource: string): KindDefinition {
    const kind = this.findResource(resource);
    if (kind === undefined) {
      throw new ApiError('NotFound', `the server has no resource "${resource}"`);
    }
    return kind;
  }

  #changed(retired: readonly KindDefinition[] = []): void {
    this.#list = undefined;
    this.#served = undefined;
    this.#revision += 1;
    if (retired.length === 0) return;
    for (const listener of this.#listeners) listener(retired);
  }
}

function kindVersions(versions: readonly KindDefinition[]): KindVersions {
  const all = [...versions].sort((a, b) => compareVersions(a.version, b.version));
  const [storage, ...others] = all.filter(isStorageVersion);
  if (storage === undefined || others.length > 0) {
    const name = versions[0] === undefined ? 'a kind' : resourceName(versions[0]);
    throw new Error(`${name} must have exactly one storage version`);
  }
  return { storage, all };
}

function isServed(kind: KindDefinition): boolean {
  return kind.served !== false;
}

function kindKey({ group, kind }: KindDefinition): string {
  return `${group}/${kind}`;
}
