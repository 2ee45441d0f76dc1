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

/** `group/version/Kind` of the data file, plural, and what is not the rule. */
interface KindRow {
  readonly plural: string;
  readonly group: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: boolean;
  readonly status?: boolean;
  readonly scaled?: boolean;
}

const ALL = ['all'];
const RBAC = 'rbac.authorization.k8s.io';
const NETWORKING = 'networking.k8s.io';

const ROWS: readonly KindRow[] = [
  {
    plural: 'namespaces',
    group: '',
    kind: 'Namespace',
    shortNames: ['ns'],
    clusterScoped: true,
    status: true,
  },
  { plural: 'pods', group: '', kind: 'Pod', shortNames: ['po'], categories: ALL, status: true },
  {
    plural: 'services',
    group: '',
    kind: 'Service',
    shortNames: ['svc'],
    categories: ALL,
    status: true,
  },
  { plural: 'endpoints', group: '', kind: 'Endpoints', shortNames: ['ep'] },
  { plural: 'configmaps', group: '', kind: 'ConfigMap', shortNames: ['cm'] },
  { plural: 'secrets', group: '', kind: 'Secret' },
  { plural: 'serviceaccounts', group: '', kind: 'ServiceAccount', shortNames: ['sa'] },
  {
    plural: 'persistentvolumeclaims',
    group: '',
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    status: true,
  },
  {
    ...{ plural: 'persistentvolumes', group: '', kind: 'PersistentVolume', shortNames: ['pv'] },
    ...{ clusterScoped: true, status: true },
  },
  { plural: 'events', group: '', kind: 'Event', shortNames: ['ev'] },
  {
    plural: 'nodes',
    group: '',
    kind: 'Node',
    shortNames: ['no'],
    clusterScoped: true,
    status: true,
  },
  {
    plural: 'resourcequotas',
    group: '',
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    status: true,
  },
  { plural: 'limitranges', group: '', kind: 'LimitRange', shortNames: ['limits'] },
  ...[
    { plural: 'deployments', kind: 'Deployment', shortNames: ['deploy'], scaled: true },
    { plural: 'replicasets', kind: 'ReplicaSet', shortNames: ['rs'], scaled: true },
    { plural: 'statefulsets', kind: 'StatefulSet', shortNames: ['sts'], scaled: true },
    { plural: 'daemonsets', kind: 'DaemonSet', shortNames: ['ds'] },
  ].map((row) => ({ ...row, group: 'apps', categories: ALL, status: true })),
  { plural: 'jobs', group: 'batch', kind: 'Job', categories: ALL, status: true },
  {
    plural: 'cronjobs',
    group: 'batch',
    kind: 'CronJob',
    shortNames: ['cj'],
    categories: ALL,
    status: true,
  },
  {
    ...{
      plural: 'horizontalpodautoscalers',
      group: 'autoscaling',
      kind: 'HorizontalPodAutoscaler',
    },
    ...{ shortNames: ['hpa'], categories: ALL, status: true },
  },
  { plural: 'ingresses', group: NETWORKING, kind: 'Ingress', shortNames: ['ing'], status: true },
  { plural: 'networkpolicies', group: NETWORKING, kind: 'NetworkPolicy', shortNames: ['netpol'] },
  { plural: 'ingressclasses', group: NETWORKING, kind: 'IngressClass', clusterScoped: true },
  { plural: 'roles', group: RBAC, kind: 'Role' },
  { plural: 'rolebindings', group: RBAC, kind: 'RoleBinding' },
  { plural: 'clusterroles', group: RBAC, kind: 'ClusterRole', clusterScoped: true },
  { plural: 'clusterrolebindings', group: RBAC, kind: 'ClusterRoleBinding', clusterScoped: true },
  {
    plural: 'poddisruptionbudgets',
    group: 'policy',
    kind: 'PodDisruptionBudget',
    shortNames: ['pdb'],
    status: true,
  },
  {
    plural: 'storageclasses',
    group: 'storage.k8s.io',
    kind: 'StorageClass',
    shortNames: ['sc'],
    clusterScoped: true,
  },
  { plural: 'leases', group: 'coordination.k8s.io', kind: 'Lease' },
  {
    ...{
      plural: 'customresourcedefinitions',
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
    },
    ...{
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      clusterScoped: true,
      status: true,
    },
  },
];

/** The field selectors that kubectl and client-go use. */
const INDEXED: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'status.phase'],
  events: ['kind', 'name', 'namespace', 'uid']
    .map((field) => `involvedObject.${field}`)
    .concat('reason', 'type'),
  secrets: ['type'],
};

/** Kubernetes' own kinds, as the sandbox serves them. */
export function kubernetesKinds(): KindDefinition[] {
  const data: SchemaFile = createRequire(import.meta.url)(
    './zz_generated.kubernetes-schemas.json',
  ) as typeof schemaFile as unknown as SchemaFile;
  return ROWS.map((row) => kindOf(row, data));
}

function kindOf(row: KindRow, data: SchemaFile): KindDefinition {
  const { plural, group, kind } = row;
  const shortGroup = group.split('.')[0] ?? '';
  const definition = data.kinds[group === '' ? `v1/${kind}` : `${shortGroup}/v1/${kind}`];
  const schema = definition === undefined ? undefined : data.definitions[definition];
  if (schema === undefined || definition === undefined) {
    throw new Error(`zz_generated.kubernetes-schemas.json has no ${kind}: generate it again`);
  }
  const resource = resourceName(row);
  return {
    group,
    version: 'v1',
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    namespaced: row.clusterScoped !== true,
    status: row.status === true,
    ...(row.scaled === true && {
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
    sensitive: [],
    // One object for all kinds, so that whoever compiles schemas can see that they share it.
    schema: { ...schema, definitions: data.definitions },
    ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
  };
}
