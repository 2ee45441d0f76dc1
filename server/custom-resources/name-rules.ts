import type { CustomResourceNames } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue, requiredValue } from '../api-errors.js';

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** A DNS label that begins with a letter: versions and the words of names. */
export function checkLabel(field: string, value: string, prefix = ''): FieldError[] {
  const label = prefix === '' ? value : value.toLowerCase();
  if (label.length > 63) {
    return [invalidValue(field, value, `${prefix}must be no more than 63 characters`)];
  }
  return LABEL.test(label) ? [] : [invalidValue(field, value, prefix + LABEL_RULE)];
}

export function checkGroup(field: string, group: string): FieldError[] {
  if (group === '') return [requiredValue(field)];
  if (group.length > 253) {
    return [invalidValue(field, group, 'must be no more than 253 characters')];
  }
  if (!SUBDOMAIN.test(group)) return [invalidValue(field, group, SUBDOMAIN_RULE)];
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
