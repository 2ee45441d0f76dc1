import type { KindDefinition } from '../../sdk/api/kind.js';
import {
  MAX_SELECTOR_REQUIREMENTS,
  MAX_SELECTOR_VALUES,
  SELECTOR_OPERATORS,
} from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, requiredValue, tooMany } from '../api-errors.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import { valueAt } from './field-path.js';
import { labelValueFault } from './name-formats.js';
import { checkQualifiedName } from './object-meta-rules.js';

/**
 * Everything wrong with the selectors of an object, in the words of apimachinery's
 * ValidateLabelSelector; how much one may hold is ours. One that an update leaves as it was is not judged.
 */
export function checkSelectors(
  { selectors = [] }: KindDefinition,
  object: ApiObject,
  old: ApiObject | undefined,
): FieldError[] {
  return selectors.flatMap(({ path }) => {
    const selector = valueAt(object, path);
    if (selector === undefined || selector === null) return [];
    if (old !== undefined && deepEqual(selector, valueAt(old, path))) return [];
    return checkLabelSelector(path, selector);
  });
}

function checkLabelSelector(path: string, selector: unknown): FieldError[] {
  if (!isJsonObject(selector)) return [invalidValue(path, selector, 'must be a label selector')];
  const labels = selector['matchLabels'] ?? {};
  const expressions = selector['matchExpressions'] ?? [];
  const inLabels = `${path}.matchLabels`;
  const inExpressions = `${path}.matchExpressions`;
  if (!isJsonObject(labels)) return [invalidValue(inLabels, labels, 'must be a map of labels')];
  if (!Array.isArray(expressions)) {
    return [invalidValue(inExpressions, expressions, 'must be a list of requirements')];
  }
  const count = Object.keys(labels).length + expressions.length;
  if (count > MAX_SELECTOR_REQUIREMENTS) return [tooMany(path, count, MAX_SELECTOR_REQUIREMENTS)];
  const values = Object.keys(labels).length + expressions.flatMap(valuesOf).length;
  if (values > MAX_SELECTOR_VALUES) return [tooMany(inExpressions, values, MAX_SELECTOR_VALUES)];
  return [
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...checkQualifiedName(inLabels, key),
      ...checkValue(inLabels, value),
    ]),
    ...expressions.flatMap((each, i) => checkExpression(`${inExpressions}[${i}]`, each)),
  ];
}

function checkExpression(field: string, expression: unknown): FieldError[] {
  if (!isJsonObject(expression)) return [invalidValue(field, expression, 'must be a requirement')];
  const { key, operator, values: given = [] } = expression;
  if (!Array.isArray(given)) {
    return [invalidValue(`${field}.values`, given, 'must be a list of label values')];
  }
  const errors = given.flatMap((value, i) => checkValue(`${field}.values[${i}]`, value));
  if (operator === 'In' || operator === 'NotIn') {
    const rule = "must be specified when `operator` is 'In' or 'NotIn'";
    if (given.length === 0) errors.push(requiredValue(`${field}.values`, rule));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (given.length > 0) errors.push(forbiddenField(`${field}.values`, rule));
  } else {
    const rule = `not a valid selector operator, want ${SELECTOR_OPERATORS.join(', ')}`;
    errors.push(invalidValue(`${field}.operator`, operator, rule));
  }
  return [...errors, ...checkQualifiedName(`${field}.key`, typeof key === 'string' ? key : '')];
}

function checkValue(field: string, value: unknown): FieldError[] {
  const fault = typeof value === 'string' ? labelValueFault(value) : 'must be a text';
  return fault === undefined ? [] : [invalidValue(field, value, fault)];
}

function valuesOf(expression: unknown): readonly unknown[] {
  const values = isJsonObject(expression) ? expression['values'] : undefined;
  return Array.isArray(values) ? values : [];
}
