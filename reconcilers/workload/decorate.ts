import { createHash } from 'node:crypto';

import type { ApiObject } from '../../sdk/api/object.js';

export const labelKeys = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  /** Uid of the WorkloadInstance: what it made carries this, and nothing else does. */
  workloadInstance: 'control-plane.threeport.io/workload-instance',
} as const;

/** Hash of the manifest as last applied: a different one means that the definition was edited. */
export const appliedHashAnnotation = 'control-plane.threeport.io/applied-hash';

/** The instance that a manifest is applied for. */
export interface Placement {
  readonly instanceUid: string;
  readonly instanceName: string;
  readonly definitionName: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Where a kind keeps the templates of what it makes in its turn. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Deployment: [['spec', 'template']],
  StatefulSet: [['spec', 'template']],
  DaemonSet: [['spec', 'template']],
  ReplicaSet: [['spec', 'template']],
  ReplicationController: [['spec', 'template']],
  Job: [['spec', 'template']],
  CronJob: [
    ['spec', 'jobTemplate'],
    ['spec', 'jobTemplate', 'spec', 'template'],
  ],
};

/**
 * The manifest as it is applied: with our labels, in templates too, and the hash of all that as an
 * annotation. `app.kubernetes.io/name` and `/instance` are kept when the manifest sets them. Does
 * not modify its input; equal input gives equal output.
 */
export function decorate(manifest: ApiObject, placement: Placement): ApiObject {
  const templates = TEMPLATE_PATHS[manifest.kind] ?? [];
  const labelled = templates.reduce<Fields>(
    (object, path) => updateAt(object, path, (template) => withLabels(template, placement)),
    withLabels(manifest, placement),
  ) as ApiObject;
  return {
    ...labelled,
    metadata: {
      ...labelled.metadata,
      annotations: {
        ...labelled.metadata.annotations,
        [appliedHashAnnotation]: hashOf(labelled),
      },
    },
  };
}

/** One hash for all of them, each decorated; their order counts. */
export function hashOfAll(decorated: readonly ApiObject[]): string {
  return hashOf({
    hashes: decorated.map(({ metadata }) => metadata.annotations?.[appliedHashAnnotation]),
  });
}

/** Whether a live object was made for this instance. */
export function belongsTo(live: { metadata: ApiObject['metadata'] }, instanceUid: string): boolean {
  return live.metadata.labels?.[labelKeys.workloadInstance] === instanceUid;
}

function withLabels(object: Fields, placement: Placement): Fields {
  const metadata = (object['metadata'] ?? {}) as Fields;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: {
        [labelKeys.name]: labelValue(placement.definitionName),
        [labelKeys.instance]: labelValue(placement.instanceName),
        ...(metadata['labels'] as Fields | undefined),
        [labelKeys.managedBy]: 'threeport',
        [labelKeys.workloadInstance]: placement.instanceUid,
      },
    },
  };
}

function updateAt(object: Fields, path: readonly string[], update: (at: Fields) => Fields): Fields {
  const [field, ...rest] = path;
  if (field === undefined) return update(object);
  const child = object[field];
  if (typeof child !== 'object' || child === null || Array.isArray(child)) return object;
  return { ...object, [field]: updateAt(child as Fields, rest, update) };
}

/** Label values are shorter than names of objects. */
function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[^a-zA-Z0-9]+$/, '');
}

function hashOf(object: Fields): string {
  return createHash('sha256').update(canonicalJson(object)).digest('hex').slice(0, 16);
}

/** JSON with sorted keys: the order in which a manifest is written does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
