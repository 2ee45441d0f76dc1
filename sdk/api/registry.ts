import { ApiError } from './errors.js';
import type { KindDefinition } from './kind.js';
import { resourceName } from './kind.js';
import { parseApiVersion } from './object.js';

/**
 * The kinds that one API serves, looked up in every way that a request names them. Kinds may be
 * added while it is in use (a CustomResourceDefinition); look-ups see them at once.
 */
export class KindRegistry {
  readonly #byResource = new Map<string, KindDefinition>();
  readonly #byKind = new Map<string, KindDefinition>();

  constructor(kinds: Iterable<KindDefinition> = []) {
    for (const kind of kinds) this.add(kind);
  }

  /** @throws ApiError Conflict when the resource name or the kind is taken. */
  add(kind: KindDefinition): void {
    const resource = resourceName(kind);
    const kindKey = `${kind.group}/${kind.kind}`;
    if (this.#byResource.has(resource) || this.#byKind.has(kindKey)) {
      throw new ApiError('Conflict', `kind ${kind.kind} (${resource}) is registered already`);
    }
    this.#byResource.set(resource, kind);
    this.#byKind.set(kindKey, kind);
  }

  /** Forgets a kind: requests for it are not found from now on. Unknown ones are ignored. */
  remove(kind: KindDefinition): void {
    const resource = resourceName(kind);
    if (this.#byResource.get(resource) !== kind) return;
    this.#byResource.delete(resource);
    this.#byKind.delete(`${kind.group}/${kind.kind}`);
  }

  /** All kinds, in the order in which they were added. */
  list(): readonly KindDefinition[] {
    return [...this.#byResource.values()];
  }

  /** By the segments of a request path. */
  find(group: string, version: string, plural: string): KindDefinition | undefined {
    const kind = this.#byResource.get(resourceName({ group, plural }));
    return kind?.version === version ? kind : undefined;
  }

  /** By resource name, as in `workloads.workload.threeport.io`. */
  findResource(resource: string): KindDefinition | undefined {
    return this.#byResource.get(resource);
  }

  findKind(group: string, kind: string): KindDefinition | undefined {
    return this.#byKind.get(`${group}/${kind}`);
  }

  /** By what an object says of itself. */
  findFor(object: { apiVersion: string; kind: string }): KindDefinition | undefined {
    const { group, version } = parseApiVersion(object.apiVersion);
    const kind = this.findKind(group, object.kind);
    return kind?.version === version ? kind : undefined;
  }

  /** @throws ApiError NotFound naming the resource. */
  resource(resource: string): KindDefinition {
    const kind = this.#byResource.get(resource);
    if (kind === undefined) {
      throw new ApiError('NotFound', `the server has no resource "${resource}"`);
    }
    return kind;
  }
}
