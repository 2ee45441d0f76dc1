import type { Container, PodSpec } from '../kubernetes-types.js';
import type { FieldErrors } from './field-errors.js';
import { isQuantity } from '../../server/schema/quantity.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const DNS_LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const PORT_RULE = 'must be between 1 and 65535, inclusive';
const QUANTITY_RULE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

export function isDnsLabel(name: string): boolean {
  return DNS_LABEL.test(name);
}

export function checkPort(port: unknown, field: string, errors: FieldErrors): void {
  if (typeof port === 'number' && (port < 1 || port > 65535))
    errors.invalid(field, port, PORT_RULE);
}

/** What the owner of the pods asks of them. */
export interface PodRules {
  readonly restartPolicies: readonly string[];
  /** Volumes that the owner adds to each pod, by name: the claims of a StatefulSet. */
  readonly addedVolumes?: readonly string[];
}

/** The rules of a pod's spec, at `path` of its object. */
export function checkPodSpec(
  spec: PodSpec | undefined,
  path: string,
  rules: PodRules,
  errors: FieldErrors,
): void {
  const volumes = new Set<string>();
  for (const [index, volume] of (spec?.volumes ?? []).entries()) {
    const field = `${path}.volumes[${index}].name`;
    checkName(volume.name, field, volumes, errors);
  }
  for (const name of rules.addedVolumes ?? []) volumes.add(name);
  if (spec?.containers === undefined || spec.containers.length === 0) {
    errors.required(`${path}.containers`);
  }
  const names = new Set<string>();
  checkContainers(spec?.containers, `${path}.containers`, volumes, names, errors);
  checkContainers(spec?.initContainers, `${path}.initContainers`, volumes, names, errors);
  const policy = spec?.restartPolicy;
  if (policy === undefined || policy === '') {
    const list = rules.restartPolicies.map((item) => `"${item}"`).join(', ');
    errors.required(`${path}.restartPolicy`, `valid values: ${list}`);
  } else if (!rules.restartPolicies.includes(policy)) {
    errors.unsupported(`${path}.restartPolicy`, policy, rules.restartPolicies);
  }
}

function checkName(
  name: string | undefined,
  field: string,
  seen: Set<string>,
  errors: FieldErrors,
): void {
  if (name === undefined || name === '') {
    errors.required(field);
    return;
  }
  if (!isDnsLabel(name)) errors.invalid(field, name, DNS_LABEL_RULE);
  if (seen.has(name)) errors.duplicate(field, name);
  seen.add(name);
}

function checkContainers(
  containers: readonly Container[] | undefined,
  path: string,
  volumes: ReadonlySet<string>,
  names: Set<string>,
  errors: FieldErrors,
): void {
  for (const [index, container] of (containers ?? []).entries()) {
    const field = `${path}[${index}]`;
    checkName(container.name, `${field}.name`, names, errors);
    if (container.image === undefined || container.image === '') errors.required(`${field}.image`);
    for (const [portIndex, port] of (container.ports ?? []).entries()) {
      checkPort(port.containerPort, `${field}.ports[${portIndex}].containerPort`, errors);
      if (port.hostPort !== 0)
        checkPort(port.hostPort, `${field}.ports[${portIndex}].hostPort`, errors);
    }
    checkMounts(container, field, volumes, errors);
    checkResources(container, field, errors);
    const policies = ['Always', 'IfNotPresent', 'Never'];
    if (container.imagePullPolicy !== undefined && !policies.includes(container.imagePullPolicy)) {
      errors.unsupported(`${field}.imagePullPolicy`, container.imagePullPolicy, policies);
    }
  }
}

function checkMounts(
  container: Container,
  field: string,
  volumes: ReadonlySet<string>,
  errors: FieldErrors,
): void {
  const paths = new Set<string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const mountField = `${field}.volumeMounts[${index}]`;
    if (mount.name !== undefined && !volumes.has(mount.name)) {
      errors.notFound(`${mountField}.name`, mount.name);
    }
    const path = mount.mountPath ?? '';
    if (path === '') errors.required(`${mountField}.mountPath`);
    else if (paths.has(path)) errors.invalid(`${mountField}.mountPath`, path, 'must be unique');
    paths.add(path);
  }
}

function checkResources(container: Container, field: string, errors: FieldErrors): void {
  for (const part of ['limits', 'requests'] as const) {
    for (const [name, value] of Object.entries(container.resources?.[part] ?? {})) {
      if (!isQuantity(value)) {
        errors.invalid(`${field}.resources.${part}[${name}]`, value, QUANTITY_RULE);
      }
    }
  }
}
