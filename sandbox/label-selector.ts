import type { LabelRequirement } from '../sdk/api/selector.js';
import { matchesLabels } from '../sdk/api/selector.js';
import type { LabelSelector } from './kubernetes-types.js';

/** The requirements of a selector as objects carry it. An empty selector has none: it selects all. */
export function requirementsOf(selector: LabelSelector): LabelRequirement[] {
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: 'In', values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): LabelRequirement => ({
      key,
      operator: operator as LabelRequirement['operator'],
      values: values ?? [],
    }),
  );
  return [...equal, ...expressions];
}

/** Whether labels meet a selector of a workload, a Service or a NetworkPolicy. */
export function matchesSelector(
  labels: Readonly<Record<string, string>> | undefined,
  selector: LabelSelector,
): boolean {
  return matchesLabels(labels, requirementsOf(selector));
}
