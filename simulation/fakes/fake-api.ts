import type { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiPort } from '../../sdk/ports/api-port.js';
import { applyMerged } from './fake-apply.js';

/** Threeport's API in memory, as far as reconcilers use it. */
export class FakeApi implements ApiPort {
  readonly registry = new KindRegistry(kinds);
  /** Thrown by calls about `Kind` or `Kind name`. */
  readonly refusals = new Map<string, ApiError>();
  readonly #objects = new Map<string, StoredApiObject>();
  #versions = 0;

  async find<O extends ApiObject = ApiObject>(
    resource: string,
    key: { readonly namespace?: string; readonly name: string },
  ): Promise<(O & StoredApiObject) | undefined> {
    await Promise.resolve();
    this.#refuse(this.registry.resource(resource).kind, key.name);
    return structuredClone(this.#objects.get(keyOf(resource, key))) as O & StoredApiObject;
  }

  async list<O extends ApiObject = ApiObject>(
    resource: string,
  ): Promise<readonly (O & StoredApiObject)[]> {
    await Promise.resolve();
    const { kind } = this.registry.resource(resource);
    this.#refuse(kind, '');
    return structuredClone(this.objects().filter((object) => object.kind === kind)) as (O &
      StoredApiObject)[];
  }

  async apply<O extends ApiObject = ApiObject>(object: O): Promise<O & StoredApiObject> {
    await Promise.resolve();
    return this.put(this.#applied(object));
  }

  async dryRunApply<O extends ApiObject = ApiObject>(object: O): Promise<O & StoredApiObject> {
    await Promise.resolve();
    return this.#next(this.#applied(object)).next as unknown as O & StoredApiObject;
  }

  async delete(
    resource: string,
    object: { readonly metadata: { name: string; namespace?: string; uid?: string } },
  ): Promise<void> {
    await Promise.resolve();
    const key = keyOf(resource, object.metadata);
    const found = this.#objects.get(key);
    if (found === undefined) return;
    this.#refuse(found.kind, found.metadata.name);
    if ((found.metadata.finalizers ?? []).length === 0) this.#objects.delete(key);
    else
      this.#write(key, { ...found, metadata: { ...found.metadata, deletionTimestamp: AGES_AGO } });
  }

  /** Writes as a user: metadata is filled in, `generation` moves with `spec`. */
  put<O extends ApiObject>(object: O): O & StoredApiObject {
    const { key, next } = this.#next(object);
    return this.#write(key, next) as O & StoredApiObject;
  }

  #applied<O extends ApiObject>(object: O): O {
    this.#refuse(object.kind, object.metadata.name);
    const found = this.#objects.get(keyOf(resourceName(this.#kindOf(object)), object.metadata));
    return { ...applyMerged(found, undefined, object), spec: object.spec } as unknown as O;
  }

  #next(object: ApiObject): { readonly key: string; readonly next: StoredApiObject } {
    const kind = this.#kindOf(object);
    const key = keyOf(resourceName(kind), object.metadata);
    const found = this.#objects.get(key);
    const specChanged = JSON.stringify(found?.spec) !== JSON.stringify(object.spec);
    const finalizer = kind.reconciled?.finalizer;
    const next = {
      ...object,
      ...(found?.status !== undefined && { status: found.status }),
      metadata: {
        ...(found === undefined && finalizer !== undefined && { finalizers: [finalizer] }),
        ...object.metadata,
        uid: found?.metadata.uid ?? `api-uid-${++this.#versions}`,
        generation: (found?.metadata.generation ?? 0) + (specChanged ? 1 : 0) || 1,
        creationTimestamp: AGES_AGO,
      },
      ...(object.status !== undefined && { status: object.status }),
    };
    return { key, next: next as unknown as StoredApiObject };
  }

  /** Replaces what is stored, or removes it once its last finalizer is gone. */
  replace(object: StoredApiObject): void {
    const key = keyOf(resourceName(this.#kindOf(object)), object.metadata);
    const ended =
      object.metadata.deletionTimestamp !== undefined &&
      (object.metadata.finalizers ?? []).length === 0;
    if (ended) this.#objects.delete(key);
    else this.#write(key, object);
  }

  objects(): StoredApiObject[] {
    return [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  get(kind: string, name: string): StoredApiObject | undefined {
    return structuredClone(
      this.objects().find((object) => object.kind === kind && object.metadata.name === name),
    );
  }

  #write(key: string, object: StoredApiObject): StoredApiObject {
    const next = structuredClone(object);
    next.metadata.resourceVersion = String(++this.#versions);
    this.#objects.set(key, next);
    return structuredClone(next);
  }

  #kindOf(object: ApiObject): KindDefinition {
    const kind = this.registry.findFor(object);
    if (kind === undefined) throw new Error(`no kind ${object.apiVersion} ${object.kind}`);
    return kind;
  }

  #refuse(kind: string, name: string): void {
    const refusal = this.refusals.get(`${kind} ${name}`) ?? this.refusals.get(kind);
    if (refusal !== undefined) throw refusal;
  }
}

const AGES_AGO = '2026-01-01T00:00:00Z';

function keyOf(
  resource: string,
  key: { readonly namespace?: string; readonly name: string },
): string {
  return `${resource}/${key.namespace ?? ''}/${key.name}`;
}
