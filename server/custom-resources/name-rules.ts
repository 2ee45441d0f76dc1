import type { CustomResourceNames } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue, requiredValue } from '../api-errors.js';
import { label1035Fault, subdomainFault } from '../schema/name-formats.js';

/** A DNS label that begins with a letter: versions and the words of names. */
export function checkLabel(field: string, value: string, prefix = ''): FieldError[] {
  const label = prefix === '' ? value : value.toLowerCase();
  const fault = label1035Fault(label);
  return fault === undefined ? [] : [invalidValue(field, value, prefix + fault)];
}

export function checkGroup(field: string, group: string): FieldError[] {
  if (group === '') return [requiredValue(field)];
  const fault = subdomainFault(group);
  if (fault !== undefined) return [invalidValue(field, group, fault)];
  return group.includes('.')
    ? []
    : [invalidValue(field, group, 'should be a domain with at least one dot')];
}

const MIXED_CASE = 'may have mixed case, but should otherwise match: ';

/** The names of a definition, as the author wrote them. */
export function checkNames(field: string, names: CustomResourceNames): FieldError[] {
  const { plural, singular, kind, listKind, shortNames = [], categories = [] } = names;
  const errors: FieldError[] = [
    ...checkWord(`${field}.plural`, plural),
    ...checkWord(`${field}.singular`, singular),
    ...checkWord(`${field}.kind`, kind, MIXED_CASE),
    ...checkWord(`${field}.listKind`, listKind, MIXED_CASE),
    ...shortNames.flatMap((name, i) => checkLabel(`${field}.shortNames[${i}]`, name)),
    ...categories.flatMap((name, i) => checkLabel(`${field}.categories[${i}]`, name)),
  ];
  if (kind !== '' && kind === listKind) {
    errors.push(
      invalidValue(`${field}.listKind`, listKind, 'kind and listKind may not be the same'),
    );
  }
  return errors;
}

function checkWord(field: string, word: string | undefined, prefix = ''): FieldError[] {
  return word === undefined || word === ''
    ? [requiredValue(field)]
    : checkLabel(field, word, prefix);
}
