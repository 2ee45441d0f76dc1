import type { ServiceSpec } from '../kubernetes-types.js';

/** Kubernetes' defaults of a Service's spec, in place. */
export function defaultService(spec: ServiceSpec): void {
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.port !== undefined) port.targetPort ??= port.port;
  }
  if (spec.type === 'ExternalName') return;
  spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'ClusterIP') spec.externalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/**
 * Keeps the addresses that the stored object has where an update does not say them, in place.
 * Choosing new ones is the AddressAllocator's.
 */
export function keepAddresses(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (spec.type === 'ExternalName') return;
  if (old?.clusterIP !== undefined && old.type !== 'ExternalName') spec.clusterIP ??= old.clusterIP;
  if (spec.clusterIP === '') delete spec.clusterIP;
  if (spec.type === 'ClusterIP') return;
  for (const port of spec.ports ?? []) {
    const before = old?.ports?.find(
      (candidate) => candidate.port === port.port && candidate.protocol === port.protocol,
    );
    if (before?.nodePort !== undefined) port.nodePort ??= before.nodePort;
  }
}

/** What follows from the cluster IP once it is known, in place. */
export function completeService(spec: ServiceSpec): void {
  if (spec.type === 'ExternalName' || spec.clusterIP === undefined) return;
  spec.clusterIPs = [spec.clusterIP];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
}
