import { ApiError } from './errors.js';
import type { LabelRequirement } from './selector.js';
import { isLabelKey, isLabelValue } from './selector.js';

export type Labels = Readonly<Record<string, string>>;

/** Kubernetes' LabelSelector, as a field of an object holds it: `{}` selects all, no selector nothing. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export const SELECTOR_OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
/** Of one selector: each is looked at for every object that may be selected. */
export const MAX_SELECTOR_REQUIREMENTS = 50;
/** Of all its requirements together. */
export const MAX_SELECTOR_VALUES = 500;

/** Of what every set of labels has. No label key has this form. */
const ANY = '*';

/** What a field's value demands of labels; undefined when it is no selector, which selects nothing. */
export function requirementsOf(selector: unknown): readonly LabelRequirement[] | undefined {
  if (!isObject(selector)) return undefined;
  const labels = selector['matchLabels'] ?? {};
  const expressions = selector['matchExpressions'] ?? [];
  if (!isObject(labels) || !Array.isArray(expressions)) return undefined;
  const equal = Object.entries(labels).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  const asked: readonly unknown[] = [...equal, ...(expressions as unknown[])];
  if (asked.length > MAX_SELECTOR_REQUIREMENTS) return undefined;
  const requirements = asked.map(requirementOf).filter((each) => each !== undefined);
  if (requirements.length < asked.length) return undefined;
  const valueCount = requirements.reduce((count, { values }) => count + values.length, 0);
  return valueCount > MAX_SELECTOR_VALUES ? undefined : requirements;
}

/**
 * The selector as the API takes it: `app=web,tier in (a,b),!canary`; '' selects everything.
 *
 * @throws ApiError BadRequest for what is no selector.
 */
export function labelSelectorText(selector: LabelSelector): string {
  const requirements = requirementsOf(selector);
  if (requirements === undefined) {
    throw new ApiError('BadRequest', 'a label selector has matchLabels and matchExpressions');
  }
  return requirements
    .map(({ key, operator, values }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    })
    .join(',');
}

/**
 * One thing that all labels which a selector selects have in common, `key=value` or `key`, so that
 * selectors are found by labels in an index; see `anchorsOf`. Null for what is no selector.
 */
export function anchorOf(selector: unknown): string | null {
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return null;
  const pair = requirements.find(
    ({ operator, values }) => operator === 'In' && values.length === 1,
  );
  if (pair !== undefined) return `${pair.key}=${pair.values[0]}`;
  const present = requirements.find(({ operator }) => operator === 'In' || operator === 'Exists');
  return present?.key ?? ANY;
}

/** The anchors of all selectors that may select one of these sets of labels. */
export function anchorsOf(sets: readonly Labels[]): readonly string[] {
  const anchors = sets.flatMap((labels) =>
    Object.entries(labels).flatMap(([key, value]) => [key, `${key}=${value}`]),
  );
  return [...new Set([ANY, ...anchors])];
}

function requirementOf(expression: unknown): LabelRequirement | undefined {
  if (!isObject(expression)) return undefined;
  const { key, operator, values } = expression;
  if (typeof key !== 'string' || !isLabelKey(key)) return undefined;
  if (typeof operator !== 'string' || !SELECTOR_OPERATORS.includes(operator)) return undefined;
  const list: unknown = values ?? [];
  if (!Array.isArray(list)) return undefined;
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues !== list.length > 0) return undefined;
  if (!list.every((value) => typeof value === 'string' && isLabelValue(value))) return undefined;
  return { key, operator: operator as LabelRequirement['operator'], values: list as string[] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
