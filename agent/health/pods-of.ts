import type { LabelRequirement } from '../../sdk/api/selector.js';
import { matchesLabels } from '../../sdk/api/selector.js';
import type { KeptObject } from '../kept-object.js';

/** Kubernetes' metav1.LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/**
 * The pods that a controller's `spec.selector` finds in its namespace, less those that are being
 * deleted. A missing or empty selector finds none.
 */
export function podsOf(controller: KeptObject, pods: readonly KeptObject[]): readonly KeptObject[] {
  const requirements = requirementsOf(controller.spec['selector']);
  if (requirements.length === 0) return [];
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === controller.metadata.namespace &&
      pod.metadata.deletionTimestamp === undefined &&
      matchesLabels(pod.metadata.labels, requirements),
  );
}

function requirementsOf(selector: unknown): LabelRequirement[] {
  if (typeof selector !== 'object' || selector === null) return [];
  const { matchLabels, matchExpressions } = selector as LabelSelector;
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({
      key,
      operator: 'In' as const,
      values: [value],
    })),
    ...(matchExpressions ?? []).map(({ key, operator, values }) => ({
      key,
      operator,
      values: values ?? [],
    })),
  ];
}
