/**
 * Writes `sandbox/zz_generated.kubernetes-schemas.json`: the schemas of Kubernetes' own kinds, with
 * the keywords that server-side apply and strategic merge need.
 *
 *   kubectl get --raw /openapi/v2 > openapi.json
 *   node dist/hack/codegen/kubernetes-schemas.js openapi.json [OUTPUT] [group/version/Kind ...]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { addLaterFields } from './kubernetes-later-fields.js';
import type { Definition } from './kubernetes-later-fields.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const CORE = 'io.k8s.api.core.v1.';
const OPEN = { 'x-kubernetes-preserve-unknown-fields': true };

/** Definitions of an old version that stand for a newer one, by prefix. */
const RENAMED: readonly (readonly [from: string, to: string])[] = [
  ['io.k8s.api.batch.v1beta1.', 'io.k8s.api.batch.v1.'],
  ['io.k8s.api.policy.v1beta1.', 'io.k8s.api.policy.v1.'],
];

/** By API group as the definitions' names have it. */
const DEFAULT_KINDS: Readonly<Record<string, readonly string[]>> = {
  'core/v1': [
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'Namespace',
    'Node',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Pod',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apps/v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'batch/v1': ['CronJob', 'Job'],
  'autoscaling/v1': ['HorizontalPodAutoscaler'],
  'networking/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'rbac/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'policy/v1': ['PodDisruptionBudget'],
  'storage/v1': ['StorageClass'],
  'coordination/v1': ['Lease'],
  'apiextensions/v1': ['CustomResourceDefinition'],
};

/** Definitions that the document says wrongly or too narrowly. */
const REPLACED: Readonly<Record<string, Definition>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object', ...OPEN },
  [`${META}FieldsV1`]: { type: 'object', ...OPEN },
  ...Object.fromEntries(
    [
      'JSON',
      'JSONSchemaProps',
      'JSONSchemaPropsOrBool',
      'JSONSchemaPropsOrArray',
      'JSONSchemaPropsOrStringArray',
    ].map((name) => [`io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${name}`, OPEN]),
  ),
};

/** Structs that later releases declared atomic; the document is from before that. */
const ATOMIC: ReadonlySet<string> = new Set([
  `${META}LabelSelector`,
  ...[
    'ConfigMapKeySelector',
    'SecretKeySelector',
    'ObjectFieldSelector',
    'ResourceFieldSelector',
  ].map((name) => CORE + name),
  ...[
    'LocalObjectReference',
    'ObjectReference',
    'TypedLocalObjectReference',
    'SecretReference',
  ].map((name) => CORE + name),
  ...['NodeSelector', 'NodeSelectorTerm', 'ScopeSelector'].map((name) => CORE + name),
  'io.k8s.api.autoscaling.v1.CrossVersionObjectReference',
]);

/** Defaults of list-map keys, without which server-side apply cannot name an element. */
const DEFAULTS: readonly (readonly [definition: string, property: string, value: unknown])[] = [
  [`${CORE}ContainerPort`, 'protocol', 'TCP'],
  [`${CORE}ServicePort`, 'protocol', 'TCP'],
];

/** Copies a schema, prose cut to its first sentence, with merge keys said the way `x-kubernetes-list-*` says them. */
function normalise(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(normalise);
  if (typeof node !== 'object' || node === null) return node;
  const source = node as Definition;
  const copy: Definition = {};
  for (const [key, value] of Object.entries(source)) {
    if (key === 'description' && typeof value === 'string') {
      copy[key] = firstSentence(value);
      continue;
    }
    if (key === 'x-kubernetes-unions' || key === 'x-kubernetes-group-version-kind') continue;
    // Below `properties` every key is a field's name, not a keyword.
    copy[key] =
      key === 'properties'
        ? Object.fromEntries(
            Object.entries(value as Definition).map(([name, schema]) => [name, normalise(schema)]),
          )
        : normalise(value);
  }
  const strategy = String(source['x-kubernetes-patch-strategy'] ?? '').split(',');
  if (
    source['type'] === 'array' &&
    strategy.includes('merge') &&
    source['x-kubernetes-list-type'] === undefined
  ) {
    const mergeKey = source['x-kubernetes-patch-merge-key'];
    copy['x-kubernetes-list-type'] = mergeKey === undefined ? 'set' : 'map';
    if (mergeKey !== undefined) copy['x-kubernetes-list-map-keys'] = [mergeKey];
  }
  return copy;
}

function firstSentence(text: string): string {
  const end = text.search(/\.(\s|$)/);
  return (end < 0 ? text : text.slice(0, end + 1)).slice(0, 200);
}

function rename(text: string): string {
  return RENAMED.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function kindName(definition: string): string | undefined {
  const match = /^io\.k8s\.(?:api|apiextensions-apiserver\.pkg\.apis)\.(\w+)\.(v\w+)\.(\w+)$/.exec(
    definition,
  );
  return match === null ? undefined : `${match[1]}/${match[2]}/${match[3]}`;
}

function referencesOf(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) node.forEach((item) => referencesOf(item, found));
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') found.add(value.replace('#/definitions/', ''));
    else referencesOf(value, found);
  }
}

/** The definitions that the roots reach, themselves included, sorted by name. */
function reachable(
  definitions: Record<string, Definition>,
  roots: readonly string[],
): Record<string, Definition> {
  const found = new Set(roots);
  for (const name of found) {
    if (definitions[name] === undefined) throw new Error(`the document has no definition ${name}`);
    referencesOf(definitions[name], found);
  }
  return Object.fromEntries([...found].sort().map((name) => [name, definitions[name] ?? {}]));
}

function main(openapiPath: string | undefined, output: string, kinds: readonly string[]): void {
  if (openapiPath === undefined) {
    throw new Error(
      'usage: kubernetes-schemas.js OPENAPI_V2.json [OUTPUT] [group/version/Kind ...]',
    );
  }
  const document = JSON.parse(readFileSync(openapiPath, 'utf8')) as {
    info: { version: string };
    definitions: Record<string, Definition>;
  };
  const all: Record<string, Definition> = {};
  for (const [name, definition] of Object.entries(document.definitions)) {
    const newName = rename(name);
    if (newName !== name && document.definitions[newName] !== undefined) continue;
    all[newName] =
      REPLACED[newName] ??
      (normalise(JSON.parse(rename(JSON.stringify(definition)))) as Definition);
    if (ATOMIC.has(newName)) all[newName]['x-kubernetes-map-type'] = 'atomic';
  }
  for (const [definition, property, value] of DEFAULTS) {
    const properties = all[definition]?.['properties'] as Record<string, Definition> | undefined;
    if (properties?.[property] !== undefined) properties[property]['default'] = value;
  }
  const roots: Record<string, string> = {};
  for (const kind of kinds) {
    const name = Object.keys(all).find((candidate) => kindName(candidate) === kind);
    if (name === undefined) throw new Error(`the document has no kind ${kind}`);
    roots[kind.replace(/^core\//, '')] = name;
  }
  const definitions = reachable(all, Object.values(roots));
  addLaterFields(definitions);
  const result = {
    kubernetesVersion: document.info.version,
    kinds: roots,
    definitions: reachable({ ...all, ...definitions }, Object.values(roots)),
  };
  writeFileSync(output, `${JSON.stringify(result, undefined, 1)}\n`);
}

const [openapiPath, output = 'sandbox/zz_generated.kubernetes-schemas.json', ...kinds] =
  process.argv.slice(2);
const defaultKinds = Object.entries(DEFAULT_KINDS).flatMap(([group, names]) =>
  names.map((name) => `${group}/${name}`),
);
main(openapiPath, output, kinds.length === 0 ? defaultKinds : kinds);
