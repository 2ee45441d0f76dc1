import type { ComputedTable } from '../../server/table/table.js';
import type { Endpoints, Ingress, Service } from '../kubernetes-types.js';
import { age, column, wide } from '../../server/table/cells.js';
import { listed, mapText, NONE } from './cell-text.js';

const MAX_ENDPOINTS = 3;

/** `kubectl get services`. */
export const serviceTable: ComputedTable = {
  columns: [
    column('Type'),
    column('Cluster-IP'),
    column('External-IP'),
    column('Port(s)'),
    column('Age'),
    wide('Selector'),
  ],
  cells(object, nowMs) {
    const service = object as Service;
    const { spec } = service;
    return [
      spec?.type ?? '',
      spec?.clusterIP ?? NONE,
      externalAddress(service),
      portsOf(service),
      age(service, nowMs),
      mapText(spec?.selector),
    ];
  },
};

/** `kubectl get endpoints`. */
export const endpointsTable: ComputedTable = {
  columns: [column('Endpoints'), column('Age')],
  cells(object, nowMs) {
    const all = ((object as Endpoints).subsets ?? []).flatMap(({ addresses, ports }) =>
      (addresses ?? []).flatMap(({ ip }) =>
        ports === undefined || ports.length === 0 ? [ip] : ports.map(({ port }) => `${ip}:${port}`),
      ),
    );
    const more = all.length - MAX_ENDPOINTS;
    const shown = listed(all.slice(0, MAX_ENDPOINTS));
    return [more > 0 ? `${shown} + ${more} more...` : shown, age(object, nowMs)];
  },
};

/** `kubectl get ingresses`. */
export const ingressTable: ComputedTable = {
  columns: [column('Class'), column('Hosts'), column('Address'), column('Ports'), column('Age')],
  cells(object, nowMs) {
    const { spec, status } = object as Ingress;
    const hosts = (spec?.rules ?? []).flatMap(({ host }) => host ?? []);
    const addresses = (status?.loadBalancer?.ingress ?? []).map(
      ({ ip, hostname }) => ip ?? hostname,
    );
    return [
      spec?.ingressClassName ?? NONE,
      hosts.length === 0 ? '*' : hosts.join(','),
      addresses.join(','),
      (spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      age(object, nowMs),
    ];
  },
};

function externalAddress({ spec, status }: Service): string {
  switch (spec?.type) {
    case 'ExternalName':
      return spec.externalName ?? NONE;
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
      const all = [...given, ...(spec.externalIPs ?? [])];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return listed(spec?.externalIPs);
  }
}

function portsOf({ spec }: Service): string {
  return listed(
    (spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
      nodePort === undefined || nodePort === 0
        ? `${port}/${protocol}`
        : `${port}:${nodePort}/${protocol}`,
    ),
  );
}
