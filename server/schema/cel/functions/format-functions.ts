import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import {
  label1035Fault,
  labelFault,
  labelValueFault,
  qualifiedNameFaults,
  subdomainFault,
} from '../../name-formats.js';
import { parseDate, parseTimestamp } from '../time-values.js';
import { parseUrl } from '../url-value.js';
import { CelList, NamedFormat, OptionalValue } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

const UUID = /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A prefix, as in `generateName`, may end with a dash: something comes after it. */
function asPrefix(text: string): string {
  return text.endsWith('-') ? `${text.slice(0, -1)}a` : text;
}

const FAULTS: Readonly<Record<string, (text: string) => string | undefined>> = {
  dns1123Label: labelFault,
  dns1123Subdomain: subdomainFault,
  dns1035Label: label1035Fault,
  dns1123LabelPrefix: (text) => labelFault(asPrefix(text)),
  dns1123SubdomainPrefix: (text) => subdomainFault(asPrefix(text)),
  dns1035LabelPrefix: (text) => label1035Fault(asPrefix(text)),
  labelValue: labelValueFault,
  uri: (text) => (parseUrl(text) === undefined ? 'invalid URI for request' : undefined),
  uuid: (text) => (UUID.test(text) ? undefined : 'does not match the UUID format'),
  byte: (text) => (BASE64.test(text) ? undefined : 'invalid base64'),
  date: (text) => (parseDate(text) === undefined ? 'invalid date' : undefined),
  datetime: (text) => (parseTimestamp(text) === undefined ? 'invalid datetime' : undefined),
};

const formats = new Map([
  ['qualifiedName', new NamedFormat('qualifiedName', qualifiedNameFaults)],
  ...Object.entries(FAULTS).map(([name, faultOf]): [string, NamedFormat] => [
    name,
    new NamedFormat(name, (text) => {
      const fault = faultOf(text);
      return fault === undefined ? [] : [fault];
    }),
  ]),
]);

/** Kubernetes' library of named formats (k8s.io/apiserver/pkg/cel/library), since 1.31. */
export const formatFunctions: FunctionLibrary = {
  signatures: [
    'format.named(string): optional<kubernetes.NamedFormat>',
    ...Array.from(formats.keys(), (name) => `format.${name}(): kubernetes.NamedFormat`),
    '.validate(kubernetes.NamedFormat, string): optional<list<string>>',
  ],
  functions: {
    'format.named/1': (args) => new OptionalValue(formats.get(stringAt(args, 0))),
    ...Object.fromEntries(
      Array.from(formats, ([name, format]): [string, CelFunction] => [
        `format.${name}/0`,
        () => format,
      ]),
    ),
    '.validate/1': (args, meter) => {
      const format = instanceAt(args, 0, NamedFormat);
      const text = stringAt(args, 1);
      meter.spend(10 + text.length);
      const faults = format.faults(text);
      return faults.length === 0 ? new OptionalValue() : new OptionalValue(new CelList(faults));
    },
  },
};
