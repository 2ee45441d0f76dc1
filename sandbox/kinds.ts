import { createRequire } from 'node:module';
import type { IndexedField, JsonSchema, KindDefinition } from '../sdk/api/kind.js';
import { resourceName } from '../sdk/api/kind.js';
import { PRINTER_COLUMNS } from './printer-columns.js';
// Only for its type: it makes the compiler copy the data beside the code.
import type schemaFile from './zz_generated.kubernetes-schemas.json';

interface SchemaFile {
  readonly kubernetesVersion: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

/** What a kind has beside its schema; what is absent is the rule: namespaced, no subresource. */
interface KindTraits {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: boolean;
  readonly status?: boolean;
  readonly scaled?: boolean;
}

type KindRow = readonly [group: string, kind: string, plural: string, traits: KindTraits];

const RBAC = 'rbac.authorization.k8s.io';
const NETWORKING = 'networking.k8s.io';
const CLUSTER = { clusterScoped: true };
const STATUS = { status: true };
/** Part of `kubectl get all`. */
const ALL = { categories: ['all'], status: true };

const ROWS: readonly KindRow[] = [
  ['', 'Namespace', 'namespaces', { short: ['ns'], ...CLUSTER, ...STATUS }],
  ['', 'Pod', 'pods', { short: ['po'], ...ALL }],
  ['', 'Service', 'services', { short: ['svc'], ...ALL }],
  ['', 'Endpoints', 'endpoints', { short: ['ep'] }],
  ['', 'ConfigMap', 'configmaps', { short: ['cm'] }],
  ['', 'Secret', 'secrets', {}],
  ['', 'ServiceAccount', 'serviceaccounts', { short: ['sa'] }],
  ['', 'PersistentVolumeClaim', 'persistentvolumeclaims', { short: ['pvc'], ...STATUS }],
  ['', 'PersistentVolume', 'persistentvolumes', { short: ['pv'], ...CLUSTER, ...STATUS }],
  ['', 'Event', 'events', { short: ['ev'] }],
  ['', 'Node', 'nodes', { short: ['no'], ...CLUSTER, ...STATUS }],
  ['', 'ResourceQuota', 'resourcequotas', { short: ['quota'], ...STATUS }],
  ['', 'LimitRange', 'limitranges', { short: ['limits'] }],
  ['apps', 'Deployment', 'deployments', { short: ['deploy'], scaled: true, ...ALL }],
  ['apps', 'ReplicaSet', 'replicasets', { short: ['rs'], scaled: true, ...ALL }],
  ['apps', 'StatefulSet', 'statefulsets', { short: ['sts'], scaled: true, ...ALL }],
  ['apps', 'DaemonSet', 'daemonsets', { short: ['ds'], ...ALL }],
  ['batch', 'Job', 'jobs', ALL],
  ['batch', 'CronJob', 'cronjobs', { short: ['cj'], ...ALL }],
  [
    'autoscaling',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
    { short: ['hpa'], ...ALL },
  ],
  [NETWORKING, 'Ingress', 'ingresses', { short: ['ing'], ...STATUS }],
  [NETWORKING, 'NetworkPolicy', 'networkpolicies', { short: ['netpol'] }],
  [NETWORKING, 'IngressClass', 'ingressclasses', CLUSTER],
  [RBAC, 'Role', 'roles', {}],
  [RBAC, 'RoleBinding', 'rolebindings', {}],
  [RBAC, 'ClusterRole', 'clusterroles', CLUSTER],
  [RBAC, 'ClusterRoleBinding', 'clusterrolebindings', CLUSTER],
  ['policy', 'PodDisruptionBudget', 'poddisruptionbudgets', { short: ['pdb'], ...STATUS }],
  ['storage.k8s.io', 'StorageClass', 'storageclasses', { short: ['sc'], ...CLUSTER }],
  ['coordination.k8s.io', 'Lease', 'leases', {}],
  [
    'apiextensions.k8s.io',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    { short: ['crd', 'crds'], categories: ['api-extensions'], ...CLUSTER, ...STATUS },
  ],
];

/** The field selectors that kubectl and client-go use. */
const INDEXED: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'status.phase'],
  events: ['kind', 'name', 'namespace', 'uid']
    .map((field) => `involvedObject.${field}`)
    .concat('reason', 'type'),
  secrets: ['type'],
};

/** Values that no message may echo. */
const SENSITIVE: Readonly<Record<string, readonly string[]>> = {
  secrets: ['data.*', 'stringData.*'],
};

let kinds: readonly KindDefinition[] | undefined;

/** Kubernetes' own kinds, as the sandbox serves them. Always the same objects. */
export function kubernetesKinds(): readonly KindDefinition[] {
  if (kinds !== undefined) return kinds;
  const data = createRequire(import.meta.url)(
    './zz_generated.kubernetes-schemas.json',
  ) as typeof schemaFile as unknown as SchemaFile;
  kinds = ROWS.map((row) => kindOf(row, data));
  return kinds;
}

function kindOf(row: KindRow, data: SchemaFile): KindDefinition {
  const [group, kind, plural, traits] = row;
  const shortGroup = group.split('.')[0] ?? '';
  const definition = data.kinds[group === '' ? `v1/${kind}` : `${shortGroup}/v1/${kind}`];
  const schema = definition === undefined ? undefined : data.definitions[definition];
  if (schema === undefined || definition === undefined) {
    throw new Error(`zz_generated.kubernetes-schemas.json has no ${kind}: generate it again`);
  }
  const resource = resourceName({ plural, group });
  return {
    group,
    version: 'v1',
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: traits.short ?? [],
    categories: traits.categories ?? [],
    namespaced: traits.clusterScoped !== true,
    status: traits.status === true,
    ...(traits.scaled === true && {
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.spec.selector',
      },
    }),
    printerColumns: PRINTER_COLUMNS[resource] ?? [],
    references: [],
    indexed: (INDEXED[resource] ?? []).map((path): IndexedField => ({ path, type: 'string' })),
    immutable: [],
    sensitive: SENSITIVE[resource] ?? [],
    // One object for all kinds, so that whoever compiles schemas can see that they share it.
    schema: { ...schema, definitions: data.definitions },
    ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
  };
}
