import type { ServiceSpec } from '../kubernetes-types.js';
import type { FieldErrors } from './field-errors.js';
import { DNS_LABEL_RULE, checkPort, isDnsLabel } from './pod-rules.js';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE_NAME_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const IP_RULE = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** The rules of a Service. `old` is what is stored, on an update. */
export function checkService(
  name: string,
  spec: ServiceSpec | undefined,
  old: ServiceSpec | undefined,
  errors: FieldErrors,
): void {
  if (!SERVICE_NAME.test(name)) errors.invalid('metadata.name', name, SERVICE_NAME_RULE);
  if (spec?.type !== undefined && !TYPES.includes(spec.type)) {
    errors.unsupported('spec.type', spec.type, TYPES);
  }
  checkPorts(spec, errors);
  if (spec?.type === 'ExternalName' && (spec.externalName ?? '') === '') {
    errors.required('spec.externalName');
  }
  const address = spec?.clusterIP;
  if (address !== undefined && address !== 'None' && !/^\d+\.\d+\.\d+\.\d+$|:/.test(address)) {
    errors.invalid('spec.clusterIPs[0]', address, IP_RULE);
  }
  const before = old?.clusterIP;
  if (
    before !== undefined &&
    old?.type !== 'ExternalName' &&
    spec?.type !== 'ExternalName' &&
    address !== before
  ) {
    errors.invalid('spec.clusterIPs[0]', [address], 'may not change once set');
  }
}

function checkPorts(spec: ServiceSpec | undefined, errors: FieldErrors): void {
  const ports = spec?.ports ?? [];
  if (ports.length === 0 && spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None') {
    errors.required('spec.ports');
  }
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const field = `spec.ports[${index}]`;
    if (port.name === undefined || port.name === '') {
      if (ports.length > 1) errors.required(`${field}.name`);
    } else {
      if (!isDnsLabel(port.name)) errors.invalid(`${field}.name`, port.name, DNS_LABEL_RULE);
      if (names.has(port.name)) errors.duplicate(`${field}.name`, port.name);
      names.add(port.name);
    }
    checkPort(port.port, `${field}.port`, errors);
    checkPort(port.targetPort, `${field}.targetPort`, errors);
    const protocols = ['SCTP', 'TCP', 'UDP'];
    if (port.protocol !== undefined && !protocols.includes(port.protocol)) {
      errors.unsupported(`${field}.protocol`, port.protocol, protocols);
    }
  }
}
