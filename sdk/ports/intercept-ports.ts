import type { ApiPort } from './api-port.js';
import type { KubeObjectRef, KubePort } from './kube-port.js';
import type { Effect, EffectNature, Ports } from './ports.js';

/** One call through a port, before it is made. */
export type PortCall = Pick<Effect, 'port' | 'nature' | 'operation' | 'target'>;

/** Runs around every call: makes it, refuses it, notes it. */
export type Around = <T>(call: PortCall, make: () => Promise<T>) => Promise<T>;

/** The same ports, with `around` around each call that reaches the outside. */
export function interceptPorts(ports: Ports, around: Around): Ports {
  return {
    clock: ports.clock,
    log: ports.log,
    api: interceptApi(ports.api, around),
    kube: (kubeconfig) => interceptKube(ports.kube(kubeconfig), around),
  };
}

function interceptApi(api: ApiPort, around: Around): ApiPort {
  const call = (nature: EffectNature, operation: string, target: string): PortCall => ({
    port: 'api',
    nature,
    operation,
    target,
  });
  return {
    find: (resource, key) =>
      around(call('read', 'find', `${resource} ${nameOf(key)}`), () => api.find(resource, key)),
    list: (resource, options) =>
      around(call('read', 'list', resource), () => api.list(resource, options)),
    apply: (object) =>
      around(call('update', 'apply', targetOf({ ...object, ...object.metadata })), () =>
        api.apply(object),
      ),
    delete: (resource, object) =>
      around(call('delete', 'delete', `${resource} ${nameOf(object.metadata)}`), () =>
        api.delete(resource, object),
      ),
  };
}

function interceptKube(kube: KubePort, around: Around): KubePort {
  const call = (nature: EffectNature, operation: string, target: string): PortCall => ({
    port: 'kube',
    nature,
    operation,
    target,
  });
  return {
    endpoint: kube.endpoint,
    version: () => around(call('read', 'version', kube.endpoint), () => kube.version()),
    resource: (apiVersion, kind) =>
      around(call('read', 'resource', `${apiVersion} ${kind}`), () =>
        kube.resource(apiVersion, kind),
      ),
    find: (ref) => around(call('read', 'find', targetOf(ref)), () => kube.find(ref)),
    list: (apiVersion, kind, labelSelector) =>
      around(call('read', 'list', `${apiVersion} ${kind}`), () =>
        kube.list(apiVersion, kind, labelSelector),
      ),
    apply: (object) =>
      around(call('update', 'apply', targetOf({ ...object, ...object.metadata })), () =>
        kube.apply(object),
      ),
    dryRunApply: (object) =>
      around(call('read', 'dryRunApply', targetOf({ ...object, ...object.metadata })), () =>
        kube.dryRunApply(object),
      ),
    delete: (ref, uid) =>
      around(call('delete', 'delete', targetOf(ref)), () => kube.delete(ref, uid)),
  };
}

function targetOf(
  ref: Pick<KubeObjectRef, 'apiVersion' | 'kind' | 'name'> & { namespace?: string },
): string {
  return `${ref.apiVersion} ${ref.kind} ${nameOf(ref)}`;
}

function nameOf(key: { readonly namespace?: string; readonly name: string }): string {
  return key.namespace === undefined || key.namespace === ''
    ? key.name
    : `${key.namespace}/${key.name}`;
}
