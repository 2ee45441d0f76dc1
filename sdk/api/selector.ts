import { ApiError } from './errors.js';

/** One requirement of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'GreaterThan' | 'LessThan';
  readonly values: readonly string[];
}

/** One requirement of a field selector. */
export interface FieldRequirement {
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

const KEY =
  /^([a-z0-9A-Z]([-a-z0-9A-Z.]{0,251}[a-z0-9A-Z])?\/)?[a-z0-9A-Z]([-_a-z0-9A-Z.]{0,61}[a-z0-9A-Z])?$/;
const VALUE = /^([a-z0-9A-Z]([-_a-z0-9A-Z.]{0,61}[a-z0-9A-Z])?)?$/;
/** More than anybody asks for: each one is a condition on every object that is looked at. */
const MAX_REQUIREMENTS = 500;
const MAX_QUOTED_CHARS = 200;

export function isLabelKey(text: string): boolean {
  return KEY.test(text);
}

export function isLabelValue(text: string): boolean {
  return VALUE.test(text);
}

/**
 * Parses Kubernetes' label selector syntax: `a=b,c!=d,e in (f,g),h notin (i),j,!k,n>1`.
 * An empty string selects everything.
 *
 * @throws ApiError BadRequest naming the part that cannot be parsed, or for more than 500 parts.
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  return atMost(splitOutsideParentheses(text), 'label selector').map(parseLabelRequirement);
}

/** True when the labels meet every requirement. */
export function matchesLabels(
  labels: Readonly<Record<string, string>> | undefined,
  requirements: readonly LabelRequirement[],
): boolean {
  return requirements.every((requirement) => {
    const has = labels !== undefined && Object.hasOwn(labels, requirement.key);
    const value = has ? (labels[requirement.key] ?? '') : '';
    switch (requirement.operator) {
      case 'In':
        return has && requirement.values.includes(value);
      case 'NotIn':
        return !has || !requirement.values.includes(value);
      case 'Exists':
        return has;
      case 'DoesNotExist':
        return !has;
      case 'GreaterThan':
        return isWholeNumber(value) && BigInt(value) > BigInt(requirement.values[0] ?? '');
      case 'LessThan':
        return isWholeNumber(value) && BigInt(value) < BigInt(requirement.values[0] ?? '');
    }
  });
}

function isWholeNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}

/**
 * Parses a field selector: `metadata.name=x,status.phase!=Running`.
 *
 * @throws ApiError BadRequest naming the part that cannot be parsed, or for more than 500 parts.
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return atMost(parts, 'field selector').map((part) => {
    const match = /^([^=!]+)(==|!=|=)(.*)$/.exec(part);
    const path = match?.[1]?.trim() ?? '';
    if (path === '') {
      throw new ApiError('BadRequest', `invalid field selector ${quoted(part)}: want field=value`);
    }
    return { path, operator: match?.[2] === '!=' ? '!=' : '=', value: match?.[3]?.trim() ?? '' };
  });
}

function atMost(parts: string[], what: string): string[] {
  if (parts.length <= MAX_REQUIREMENTS) return parts;
  throw new ApiError(
    'BadRequest',
    `invalid ${what}: ${parts.length} requirements, at most ${MAX_REQUIREMENTS}`,
  );
}

/** The part in quotes, its beginning if it is long. */
function quoted(text: string): string {
  return text.length <= MAX_QUOTED_CHARS ? `"${text}"` : `"${text.slice(0, MAX_QUOTED_CHARS)}…"`;
}

function parseLabelRequirement(part: string): LabelRequirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return requirement(part, set[1] ?? '', set[2] === 'in' ? 'In' : 'NotIn', values);
  }
  const compare = /^([^=!<>\s]+)\s*(==|!=|=|<|>)\s*([^=!<>\s]*)$/.exec(part);
  if (compare !== null) {
    const operator = (
      { '=': 'In', '==': 'In', '!=': 'NotIn', '>': 'GreaterThan', '<': 'LessThan' } as const
    )[compare[2] as '='];
    return requirement(part, compare[1] ?? '', operator, [compare[3] ?? '']);
  }
  return part.startsWith('!')
    ? requirement(part, part.slice(1).trim(), 'DoesNotExist', [])
    : requirement(part, part, 'Exists', []);
}

function requirement(
  part: string,
  key: string,
  operator: LabelRequirement['operator'],
  values: readonly string[],
): LabelRequirement {
  if (!isLabelKey(key)) {
    throw new ApiError(
      'BadRequest',
      `invalid label selector ${quoted(part)}: ${quoted(key)} is not a label key`,
    );
  }
  const bad = values.find((value) => !isLabelValue(value));
  if (bad !== undefined) {
    throw new ApiError(
      'BadRequest',
      `invalid label selector ${quoted(part)}: ${quoted(bad)} is not a label value`,
    );
  }
  if ((operator === 'GreaterThan' || operator === 'LessThan') && !/^-?\d+$/.test(values[0] ?? '')) {
    throw new ApiError('BadRequest', `invalid label selector ${quoted(part)}: want a whole number`);
  }
  return { key, operator, values };
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (i === text.length || (char === ',' && depth === 0)) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return parts.filter((part) => part !== '');
}
