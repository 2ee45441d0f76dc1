import type { Container, PodSpec, PodTemplate, Probe } from '../kubernetes-types.js';
import { canonicaliseQuantities } from '../../server/schema/quantity.js';

const FILE_MODE = 0o644;

/** Kubernetes' defaults of a pod template, in place. Idempotent. */
export function defaultPodTemplate(
  template: PodTemplate | undefined,
  restartPolicy = 'Always',
): void {
  if (template?.spec !== undefined) defaultPodSpec(template.spec, restartPolicy);
}

/** Kubernetes' defaults of a pod's spec that templates share with Pods, in place. Idempotent. */
export function defaultPodSpec(spec: PodSpec, restartPolicy = 'Always'): void {
  if (restartPolicy !== '') spec.restartPolicy ??= restartPolicy;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.schedulerName ??= 'default-scheduler';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  if (spec.serviceAccountName !== undefined) spec.serviceAccount ??= spec.serviceAccountName;
  else if (spec.serviceAccount !== undefined) spec.serviceAccountName = spec.serviceAccount;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    defaultContainer(container);
  }
  for (const volume of spec.volumes ?? []) {
    for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected]) {
      if (source !== undefined) source.defaultMode ??= FILE_MODE;
    }
    if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  }
}

/** Kubernetes' defaults of a Pod's own spec: those of a template, and requests from limits. In place. */
export function defaultPod(spec: PodSpec): void {
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const { limits } = container.resources ?? {};
    if (limits === undefined || container.resources === undefined) continue;
    container.resources.requests = { ...limits, ...container.resources.requests };
  }
}

/** What Kubernetes' admission adds to a Pod: service account, tolerations, priority. In place. */
export function completePod(spec: PodSpec): void {
  spec.serviceAccountName ??= 'default';
  spec.serviceAccount ??= spec.serviceAccountName;
  spec.priority ??= 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  spec.tolerations ??= ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullsAlways(container.image ?? '') ? 'Always' : 'IfNotPresent';
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.resources ??= {};
  canonicaliseQuantities(container.resources.limits);
  canonicaliseQuantities(container.resources.requests);
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) defaultProbe(probe);
  }
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet !== undefined) {
    probe.httpGet.path ??= '/';
    probe.httpGet.scheme ??= 'HTTP';
  }
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

/** An image without a tag, or tagged `latest`, is pulled always; one with a digest is not. */
function pullsAlways(image: string): boolean {
  if (image.includes('@')) return false;
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  return !lastPart.includes(':') || lastPart.endsWith(':latest');
}
