import type { ApiObject } from '../sdk/api/object.js';
import { resourceRevision } from '../sdk/kube/resource-revision.js';

/** The part of ObjectMeta that the agent keeps. */
export interface KeptMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** An object of the cluster, cut down to what its health depends on. */
export interface KeptObject<Spec = Fields, Status = Fields> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KeptMeta;
  /** Names its state, its status aside. */
  readonly revision?: string;
  readonly spec: Spec;
  readonly status: Status;
}

/** Names of the top-level fields of `spec` and `status` that stay; whatever else an object has goes. */
export interface KeptFields {
  readonly spec: readonly string[];
  readonly status: readonly string[];
}

const META_FIELDS = [
  'name',
  'namespace',
  'uid',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'labels',
] as const;

/**
 * Cuts an object down before it is cached. `data` of Secrets and ConfigMaps, `managedFields`,
 * annotations and every field not named are dropped, so that they can be collected at once; what they
 * say is in `revision`, as a digest. `apiVersion` and `kind` are given because items of a list, and
 * PartialObjectMetadata, lack them.
 */
export function keepObject(
  object: ApiObject,
  gvk: { readonly apiVersion: string; readonly kind: string },
  fields: KeptFields,
): KeptObject {
  const revision = resourceRevision(object);
  return {
    apiVersion: gvk.apiVersion,
    kind: gvk.kind,
    metadata: pick(object.metadata, META_FIELDS) as unknown as KeptMeta,
    ...(revision !== undefined && { revision }),
    spec: pick(object.spec, fields.spec),
    status: pick(object.status, fields.status),
  };
}

function pick(from: unknown, names: readonly string[]): Fields {
  if (typeof from !== 'object' || from === null) return {};
  const source = from as Fields;
  const kept: Record<string, unknown> = {};
  for (const name of names) {
    if (source[name] !== undefined && source[name] !== null) kept[name] = source[name];
  }
  return kept;
}
