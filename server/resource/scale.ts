import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { badRequest, invalidObject, invalidValue } from '../api-errors.js';
import { textOf } from '../apply/json-object.js';
import { setValueAt, valueAt } from '../schema/field-path.js';

/** Kubernetes' autoscaling/v1 Scale: the replicas of any object that has the subresource. */
export interface Scale {
  readonly kind: 'Scale';
  readonly apiVersion: 'autoscaling/v1';
  readonly metadata: Record<string, unknown>;
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

type ScalePaths = NonNullable<KindDefinition['scale']>;

export function scaleOf(paths: ScalePaths, object: StoredApiObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelectorPath === undefined
      ? undefined
      : valueAt(object, trim(paths.labelSelectorPath));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: countAt(object, paths.specReplicasPath) },
    status: {
      replicas: countAt(object, paths.statusReplicasPath),
      ...(selector !== undefined && { selector: selectorText(selector) }),
    },
  };
}

/**
 * The object with the replicas that a Scale says.
 *
 * @throws ApiError BadRequest when it is no Scale, Invalid when the number is none to scale to.
 */
export function withScale(paths: ScalePaths, live: ApiObject, scale: unknown): ApiObject {
  const given = valueAt(scale, 'kind');
  if (given !== undefined && given !== 'Scale')
    throw badRequest('the body must be an autoscaling/v1 Scale');
  const replicas = valueAt(scale, 'spec.replicas') ?? 0;
  if (!Number.isInteger(replicas) || (replicas as number) < 0) {
    throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, live.metadata.name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const next = structuredClone(live);
  setValueAt(next, trim(paths.specReplicasPath), replicas);
  const version = valueAt(scale, 'metadata.resourceVersion');
  if (typeof version === 'string' && version !== '') next.metadata.resourceVersion = version;
  return next;
}

function countAt(object: unknown, path: string): number {
  const value = valueAt(object, trim(path));
  return typeof value === 'number' ? value : 0;
}

function trim(path: string): string {
  return path.replace(/^\./, '');
}

function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  const labels = valueAt(selector, 'matchLabels') ?? {};
  return Object.entries(labels as Record<string, unknown>)
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(',');
}
