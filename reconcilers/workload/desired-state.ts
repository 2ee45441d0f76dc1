import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { Placement } from './decorate.js';
import { decorate } from './decorate.js';
import { withListKeyDefaults } from './list-key-defaults.js';
import { managedNamespaceName } from './managed-namespace.js';
import { refuseDuplicates } from './manifests.js';

/**
 * - `known`: the cluster serves the kind.
 * - `coming`: a CustomResourceDefinition among the manifests brings it.
 * - `unknown`: neither; it cannot be applied.
 */
export type Served = 'known' | 'coming' | 'unknown';

export interface DesiredResource {
  /** With its namespace, our labels and the applied hash. */
  readonly object: ApiObject;
  readonly served: Served;
}

export interface DesiredState {
  /** Where manifests go that name no namespace; absent when there are none. */
  readonly namespace?: string;
  /** That namespace is the instance's own: its name holds a hash of the instance's uid. */
  readonly ownsNamespace: boolean;
  readonly resources: readonly DesiredResource[];
}

export interface KindScope {
  readonly served: Served;
  /** Undefined when the kind is unknown. */
  readonly namespaced: boolean | undefined;
}

/** Asks the cluster, then the manifests' own CustomResourceDefinitions, about every kind used. */
export async function readScopes(
  kube: KubePort,
  manifests: readonly ApiObject[],
): Promise<ReadonlyMap<string, KindScope>> {
  const kinds = new Map(manifests.map((manifest) => [kindKey(manifest), manifest]));
  const entries = await Promise.all(
    [...kinds].map(async ([key, manifest]): Promise<[string, KindScope]> => {
      const resource = await kube.resource(manifest.apiVersion, manifest.kind);
      if (resource !== undefined) {
        return [key, { served: 'known', namespaced: resource.namespaced }];
      }
      return [key, scopeFromDefinitions(manifests, manifest)];
    }),
  );
  return new Map(entries);
}

/**
 * The manifests as they are to be in the cluster. A namespaced manifest without a namespace goes to
 * the first Namespace among the manifests, else to one of the instance's own, which is added.
 *
 * @throws TerminalError ManifestsInvalid when two manifests turn out to be the same object.
 */
export function desiredState(
  manifests: readonly ApiObject[],
  scopes: ReadonlyMap<string, KindScope>,
  placement: Placement,
): DesiredState {
  const scopeOf = (manifest: ApiObject): KindScope | undefined => scopes.get(kindKey(manifest));
  const homeless = manifests.some(
    (manifest) => scopeOf(manifest)?.namespaced === true && !manifest.metadata.namespace,
  );
  const ownNamespace = manifests.find(isNamespace)?.metadata.name;
  const namespace = homeless
    ? (ownNamespace ??
      managedNamespaceName({ name: placement.instanceName, uid: placement.instanceUid }))
    : undefined;
  const added =
    namespace !== undefined && ownNamespace === undefined
      ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]
      : [];
  const placed = manifests.map((manifest) =>
    withNamespace(manifest, scopeOf(manifest)?.namespaced, namespace),
  );
  refuseDuplicates([...added, ...placed]);
  return {
    ...(namespace !== undefined && { namespace }),
    ownsNamespace: added.length > 0,
    resources: [...added, ...placed].map((manifest) => ({
      object: decorate(withListKeyDefaults(manifest), placement),
      served: scopeOf(manifest)?.served ?? 'known',
    })),
  };
}

function withNamespace(
  manifest: ApiObject,
  namespaced: boolean | undefined,
  fallback: string | undefined,
): ApiObject {
  const { namespace, ...metadata } = manifest.metadata;
  if (namespaced === false) return { ...manifest, metadata };
  const effective = namespace || (namespaced === true ? fallback : undefined);
  if (effective === undefined) return { ...manifest, metadata };
  return { ...manifest, metadata: { ...metadata, namespace: effective } };
}

function scopeFromDefinitions(manifests: readonly ApiObject[], manifest: ApiObject): KindScope {
  const { group, version } = parseApiVersion(manifest.apiVersion);
  const spec = manifests
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map((definition) => definition.spec as CustomResourceDefinitionSpec | undefined)
    .find(
      (candidate) =>
        candidate?.group === group &&
        candidate.names?.kind === manifest.kind &&
        (candidate.version === version ||
          candidate.versions?.some((served) => served.name === version)),
    );
  return spec === undefined
    ? { served: 'unknown', namespaced: undefined }
    : { served: 'coming', namespaced: spec.scope !== 'Cluster' };
}

interface CustomResourceDefinitionSpec {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
  readonly scope?: string;
  /** Of v1beta1. */
  readonly version?: string;
  readonly versions?: readonly { readonly name?: string }[];
}

function isNamespace(manifest: ApiObject): boolean {
  return manifest.apiVersion === 'v1' && manifest.kind === 'Namespace';
}

function kindKey({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${apiVersion}/${kind}`;
}
