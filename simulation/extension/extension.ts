import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { kindsOfDefinition } from '../../sdk/api/kinds-of-definition.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { parseYamlDocuments } from '../../sdk/yaml-documents.js';
import type { FakeCluster } from '../fakes/fake-cluster.js';

/** A kind of an author's with its reconciler, and what is needed to try them. */
export interface Extension {
  /** Text of the file with the CustomResourceDefinition. */
  readonly crd: string;
  readonly reconciler: Reconciler;
  /**
   * An object as somebody applies it. `turn` counts how often it was changed: another turn, another
   * spec. It names the runtime `runtime` where it names one.
   */
  object(name: string, turn: number, runtime: string): ApiObject;
  /**
   * What is wrong with the cluster, which is to hold what these objects ask for and nothing else; empty
   * when nothing is.
   */
  complaints(objects: readonly StoredApiObject[], cluster: readonly StoredApiObject[]): string[];
}

/** What the text of a CustomResourceDefinition declares. */
export interface Declaration {
  readonly definition: ApiObject;
  /** Every version. */
  readonly kinds: readonly KindDefinition[];
  /** The version that reconcilers get. */
  readonly kind: KindDefinition;
}

/** @throws Error when the text declares no kind, or not that of the reconciler. */
export function declarationOf({ crd, reconciler }: Extension): Declaration {
  const definition = parseYamlDocuments(crd)
    .map(({ value }) => value as ApiObject)
    .find(({ kind }) => kind === 'CustomResourceDefinition');
  if (definition === undefined) throw new Error('the text holds no CustomResourceDefinition');
  const complete = {
    ...definition,
    metadata: { ...definition.metadata, generation: 1 },
  } as CustomResourceDefinition;
  const kinds = kindsOfDefinition(complete, complete.spec.names);
  const kind = kinds.find(({ storageVersion }) => storageVersion === undefined);
  if (kind === undefined || resourceName(kind) !== reconciler.resource) {
    throw new Error(`the CustomResourceDefinition is not that of ${reconciler.resource}`);
  }
  if (kind.reconciled === undefined) throw new Error(`${reconciler.resource} is not reconciled`);
  return { definition, kinds, kind };
}

/** What somebody else does to one object of a cluster, past whoever applied it. */
export type Spoiling = 'edit' | 'delete';

/** Everything in a cluster that was not there from the first. */
export function madeIn(cluster: FakeCluster): StoredApiObject[] {
  return cluster
    .objects()
    .filter(({ kind, metadata }) => kind !== 'Namespace' || metadata.name !== 'default');
}

/** Deletes an object, or changes a field of it that is most likely its maker's. */
export function spoil(cluster: FakeCluster, object: StoredApiObject, how: Spoiling): void {
  const spoilt = structuredClone(object);
  if (how === 'delete' || !spoilField(spoilt.spec ?? spoilt['data'])) {
    cluster.remove(object.kind, object.metadata.name);
  } else cluster.put(spoilt);
}

/** The first number or text, however deep. */
function spoilField(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const fields = node as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number') fields[name] = value + 1;
    else if (typeof value === 'string') fields[name] = `${value}-spoilt`;
    else if (!spoilField(value)) continue;
    return true;
  }
  return false;
}
