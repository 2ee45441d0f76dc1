const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Why a text is no name of some form, in Kubernetes' words; undefined when it is one. */
export type NameFault = (text: string) => string | undefined;

/** A DNS label: `123-abc`. */
export const labelFault: NameFault = (text) => fault(text, 63, LABEL, LABEL_RULE);

/** A DNS label that begins with a letter: `my-name`. */
export const label1035Fault: NameFault = (text) => fault(text, 63, LABEL_1035, LABEL_1035_RULE);

/** What most objects' names are: `example.com`. */
export const subdomainFault: NameFault = (text) => fault(text, 253, SUBDOMAIN, SUBDOMAIN_RULE);

export const labelValueFault: NameFault = (text) => fault(text, 63, LABEL_VALUE, LABEL_VALUE_RULE);

/** What is wrong with the key of a label or annotation, `example.com/my.name`: prefix, then name. */
export function qualifiedNameFaults(text: string): readonly string[] {
  const faults: string[] = [];
  const slash = text.indexOf('/');
  const prefix = slash < 0 ? undefined : text.slice(0, slash);
  const name = text.slice(slash + 1);
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix))) {
    faults.push(`prefix part ${SUBDOMAIN_RULE}`);
  }
  if (name === '') faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push('name part must be no more than 63 characters');
  else if (!QUALIFIED.test(name)) faults.push(QUALIFIED_RULE);
  return faults;
}

function fault(text: string, max: number, form: RegExp, rule: string): string | undefined {
  if (text.length > max) return `must be no more than ${max} characters`;
  return form.test(text) ? undefined : rule;
}
