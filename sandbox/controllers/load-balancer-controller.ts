import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { Service } from '../kubernetes-types.js';
import type { Controller, ControllerContext } from './controller.js';

const INGRESS_IP = '172.18.0.2';

/** Gives each Service of type LoadBalancer an outside address of its own. */
export const loadBalancerController: Controller = {
  name: 'load-balancer',
  keysFor: ({ resource, object }) => (resource === 'services' ? [objectKeyOf(object)] : []),

  async reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
    const service = cache.get<Service>('services', key.namespace, key.name);
    if (service === undefined || isBeingDeleted(service)) return undefined;
    const isBalanced = service.spec?.type === 'LoadBalancer';
    const ingress = isBalanced ? [{ ip: outsideAddress(service) }] : undefined;
    await client.updateStatus(service, { loadBalancer: ingress === undefined ? {} : { ingress } });
    return undefined;
  },
};

/** Follows from the cluster IP, which no two Services share. */
function outsideAddress(service: Service): string {
  const [, , third = '0', fourth = '0'] = (service.spec?.clusterIP ?? '').split('.');
  return `172.19.${third}.${fourth}`;
}

/** Gives every Ingress the address of the sandbox's one ingress controller. */
export const ingressController: Controller = {
  name: 'ingress',
  keysFor: ({ resource, object }) =>
    resource === 'ingresses.networking.k8s.io' ? [objectKeyOf(object)] : [],

  async reconcile(key: ObjectKey, { cache, client }: ControllerContext): Promise<undefined> {
    const ingress = cache.get('ingresses.networking.k8s.io', key.namespace, key.name);
    if (ingress === undefined || isBeingDeleted(ingress)) return undefined;
    await client.updateStatus(ingress, { loadBalancer: { ingress: [{ ip: INGRESS_IP }] } });
    return undefined;
  },
};
