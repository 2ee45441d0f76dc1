import { ApiError } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { KubeObjectRef, KubePort, KubeResource } from '../../sdk/ports/kube-port.js';
import { matchesLabels, parseLabelSelector } from '../../sdk/api/selector.js';
import { applyMerged } from './fake-apply.js';

const BUILT_IN: readonly (readonly [string, string, boolean])[] = [
  ['v1', 'Namespace', false],
  ['v1', 'ConfigMap', true],
  ['v1', 'Secret', true],
  ['v1', 'Service', true],
  ['v1', 'ServiceAccount', true],
  ['v1', 'PersistentVolumeClaim', true],
  ['v1', 'Pod', true],
  ['apps/v1', 'Deployment', true],
  ['apps/v1', 'StatefulSet', true],
  ['batch/v1', 'Job', true],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', false],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', false],
];
const LINGERING = ['Namespace', 'Pod'];

interface Held {
  object: StoredApiObject;
  /** As last applied by the field manager. */
  applied: ApiObject | undefined;
}

/**
 * A cluster in memory with just enough server-side apply for reconcilers: fields left out of the
 * next apply go, fields of others stay. Namespaces and Pods stay terminating until `tick`.
 */
export class FakeCluster implements KubePort {
  readonly endpoint = 'https://fake-cluster:6443';
  /** Thrown by every call. */
  down: ApiError | undefined;
  /** Thrown by writes to `Kind name`. */
  readonly refusals = new Map<string, ApiError>();
  /** CustomResourceDefinitions serve their kind only after a `tick`. */
  readonly #resources = new Map<string, KubeResource>();
  readonly #held = new Map<string, Held>();
  #versions = 0;

  constructor() {
    for (const [apiVersion, kind, namespaced] of BUILT_IN) {
      this.#resources.set(`${apiVersion}/${kind}`, {
        apiVersion,
        kind,
        plural: `${kind.toLowerCase()}s`,
        namespaced,
      });
    }
    this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  }

  version(): Promise<{ gitVersion: string }> {
    return this.#call(() => ({ gitVersion: 'v1.99.0' }));
  }

  resource(apiVersion: string, kind: string): Promise<KubeResource | undefined> {
    return this.#call(() => this.#resources.get(`${apiVersion}/${kind}`));
  }

  find(ref: KubeObjectRef): Promise<StoredApiObject | undefined> {
    return this.#call(() => structuredClone(this.#held.get(keyOf(ref))?.object));
  }

  list(
    apiVersion: string,
    kind: string,
    labelSelector: string,
  ): Promise<readonly StoredApiObject[]> {
    const requirements = parseLabelSelector(labelSelector);
    return this.#call(() =>
      this.objects().filter(
        (object) =>
          object.apiVersion === apiVersion &&
          object.kind === kind &&
          matchesLabels(object.metadata.labels, requirements),
      ),
    );
  }

  apply(object: ApiObject): Promise<StoredApiObject> {
    return this.#call(() => this.#apply(object, false));
  }

  dryRunApply(object: ApiObject): Promise<StoredApiObject> {
    return this.#call(() => this.#apply(object, true));
  }

  delete(ref: KubeObjectRef, uid?: string): Promise<void> {
    return this.#call(() => {
      const held = this.#held.get(keyOf(ref));
      if (held === undefined || (uid !== undefined && held.object.metadata.uid !== uid)) return;
      this.#refuse(held.object);
      if (!LINGERING.includes(ref.kind)) this.#held.delete(keyOf(ref));
      else held.object.metadata.deletionTimestamp ??= '2026-01-01T00:00:00Z';
    });
  }

  /**
   * Time passes: what terminates is gone, and what was in a Namespace that went; CRDs serve,
   * Deployments have their replicas.
   */
  tick(): void {
    for (const [key, { object }] of this.#held) {
      if (object.metadata.deletionTimestamp === undefined) continue;
      this.#held.delete(key);
      if (object.kind !== 'Namespace') continue;
      for (const [innerKey, inner] of this.#held) {
        if (inner.object.metadata.namespace === object.metadata.name) this.#held.delete(innerKey);
      }
    }
    for (const { object } of this.#held.values()) {
      if (object.kind === 'CustomResourceDefinition') this.#serve(object.spec as DefinitionSpec);
      if (object.kind === 'Deployment') this.#comeUp(object);
    }
  }

  /** Writes as somebody else, past server-side apply. */
  put(object: ApiObject): void {
    const key = keyOf({ ...object, ...object.metadata });
    const held = this.#held.get(key);
    const uid = held?.object.metadata.uid ?? `cluster-uid-${++this.#versions}`;
    const specChanged = JSON.stringify(object.spec) !== JSON.stringify(held?.object.spec);
    this.#held.set(key, {
      applied: held?.applied,
      object: {
        ...structuredClone(object),
        metadata: {
          ...structuredClone(object.metadata),
          uid,
          resourceVersion: String(++this.#versions),
          generation: (held?.object.metadata.generation ?? 0) + (specChanged || !held ? 1 : 0),
          creationTimestamp: '2026-01-01T00:00:00Z',
        },
      },
    });
  }

  /** Removes as somebody else, at once; without a namespace, in all of them. */
  remove(kind: string, name: string, namespace?: string): void {
    for (const [key, { object }] of this.#held) {
      if (object.kind !== kind || object.metadata.name !== name) continue;
      if (namespace === undefined || object.metadata.namespace === namespace)
        this.#held.delete(key);
    }
  }

  /** Everything there is, sorted. */
  objects(): StoredApiObject[] {
    return [...this.#held].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { object }]) => object);
  }

  /** `Kind namespace/name` of everything but the default namespace, sorted. */
  names(): string[] {
    return this.objects()
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
      .filter((name) => name !== 'Namespace /default');
  }

  get(kind: string, name: string): StoredApiObject | undefined {
    return this.objects().find((object) => object.kind === kind && object.metadata.name === name);
  }

  #apply(object: ApiObject, dryRun: boolean): StoredApiObject {
    this.#refuse(object);
    const key = keyOf({ ...object, ...object.metadata });
    const held = this.#held.get(key);
    const { namespace } = object.metadata;
    if (namespace !== undefined && !this.#held.has(keyOf({ ...NAMESPACE, name: namespace }))) {
      throw new ApiError('NotFound', `namespaces "${namespace}" not found`);
    }
    const merged = applyMerged(held?.object, held?.applied, object);
    const changed = JSON.stringify(merged) !== JSON.stringify(held?.object);
    const specChanged = JSON.stringify(merged.spec) !== JSON.stringify(held?.object.spec);
    const next: StoredApiObject = {
      ...merged,
      metadata: {
        ...merged.metadata,
        uid: held?.object.metadata.uid ?? `cluster-uid-${++this.#versions}`,
        resourceVersion: changed
          ? String(++this.#versions)
          : (held?.object.metadata.resourceVersion ?? ''),
        generation: (held?.object.metadata.generation ?? 0) + (specChanged || !held ? 1 : 0),
        creationTimestamp: held?.object.metadata.creationTimestamp ?? '2026-01-01T00:00:00Z',
      },
    };
    if (!dryRun) this.#held.set(key, { object: next, applied: structuredClone(object) });
    return structuredClone(next);
  }

  #refuse(object: ApiObject): void {
    const refusal = this.refusals.get(`${object.kind} ${object.metadata.name}`);
    if (refusal !== undefined) throw refusal;
  }

  #comeUp(deployment: StoredApiObject): void {
    const { replicas = 1 } = (deployment.spec ?? {}) as { replicas?: number };
    const observedGeneration = deployment.metadata.generation;
    const status = { observedGeneration, replicas, readyReplicas: replicas };
    if (JSON.stringify(status) === JSON.stringify(deployment.status)) return;
    deployment.status = status;
    deployment.metadata.resourceVersion = String(++this.#versions);
  }

  #serve(spec: DefinitionSpec): void {
    for (const { name } of spec.versions) {
      const apiVersion = `${spec.group}/${name}`;
      this.#resources.set(`${apiVersion}/${spec.names.kind}`, {
        apiVersion,
        kind: spec.names.kind,
        plural: spec.names.plural,
        namespaced: spec.scope === 'Namespaced',
      });
    }
  }

  async #call<T>(act: () => T): Promise<T> {
    await Promise.resolve();
    if (this.down !== undefined) throw this.down;
    return act();
  }
}

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' } as const;

interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly { readonly name: string }[];
}

function keyOf(ref: Omit<KubeObjectRef, 'namespace'> & { readonly namespace?: string }): string {
  return `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}
