import { expect } from 'chai';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { resourceName } from '../../sdk/api/kind.js';
import { kubernetesKinds } from '../kinds.js';
import { computedTable } from './computed-tables.js';

const NOW = '2026-01-01T01:00:00Z';

/** The cells under their columns' names, those of `-o wide` too. */
function cellsOf(resource: string, object: Record<string, unknown>): Record<string, unknown> {
  const kind = kubernetesKinds().find((one) => resourceName(one) === resource);
  const table = kind === undefined ? undefined : computedTable(kind);
  if (table === undefined) throw new Error(`no table for ${resource}`);
  const { metadata = {}, ...rest } = object;
  const whole = {
    ...rest,
    metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z', ...(metadata as object) },
  } as unknown as StoredApiObject;
  const cells = table.cells(whole, Date.parse(NOW));
  expect(cells).to.have.length(table.columns.length);
  return Object.fromEntries(table.columns.map(({ name }, index) => [name, cells[index]]));
}

const running = { ready: true, restartCount: 0, state: { running: {} } };
const ended = (reason: string, exitCode = 0): object => ({
  ready: false,
  restartCount: 0,
  state: { terminated: { reason, exitCode } },
});
const waiting = (reason: string, more = {}): object => ({
  ready: false,
  restartCount: 0,
  state: { waiting: { reason } },
  ...more,
});
const two = { containers: [{}, {}] };

describe('computedTable', () => {
  const cases: {
    name: string;
    resource: string;
    given: Record<string, unknown>;
    want: Record<string, unknown>;
  }[] = [
    {
      name: 'a running pod',
      resource: 'pods',
      given: {
        spec: { ...two, nodeName: 'n' },
        status: { phase: 'Running', podIP: '10.0.0.7', containerStatuses: [running, running] },
      },
      want: {
        Ready: '2/2',
        Status: 'Running',
        Restarts: '0',
        Age: '60m',
        IP: '10.0.0.7',
        Node: 'n',
      },
    },
    {
      name: 'a pod of which one container crashes',
      resource: 'pods',
      given: {
        spec: two,
        status: {
          phase: 'Running',
          containerStatuses: [
            running,
            waiting('CrashLoopBackOff', {
              restartCount: 3,
              lastState: { terminated: { finishedAt: '2026-01-01T00:59:00Z' } },
            }),
          ],
        },
      },
      want: { Ready: '1/2', Status: 'CrashLoopBackOff', Restarts: '3 (60s ago)' },
    },
    {
      name: 'a pod that is being deleted',
      resource: 'pods',
      given: {
        metadata: { deletionTimestamp: NOW },
        spec: two,
        status: { phase: 'Running', containerStatuses: [running, running] },
      },
      want: { Ready: '2/2', Status: 'Terminating' },
    },
    {
      name: 'a pod that is done',
      resource: 'pods',
      given: {
        metadata: { deletionTimestamp: NOW },
        spec: two,
        status: { phase: 'Succeeded', containerStatuses: [ended('Completed'), ended('Completed')] },
      },
      want: { Ready: '0/2', Status: 'Completed' },
    },
    {
      name: 'a pod whose container failed without a reason',
      resource: 'pods',
      given: { spec: two, status: { phase: 'Failed', containerStatuses: [ended('', 3)] } },
      want: { Status: 'ExitCode:3' },
    },
    {
      name: 'a pod of which one container is done',
      resource: 'pods',
      given: {
        spec: two,
        status: { phase: 'Running', containerStatuses: [running, ended('Completed')] },
      },
      want: { Ready: '1/2', Status: 'NotReady' },
    },
    {
      name: 'a pod that initializes',
      resource: 'pods',
      given: {
        spec: { ...two, initContainers: [{}, {}] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [ended('Completed'), waiting('PodInitializing')],
          containerStatuses: [waiting('PodInitializing')],
        },
      },
      want: { Status: 'Init:1/2' },
    },
    {
      name: 'a pod nobody looked at',
      resource: 'pods',
      given: { spec: two, status: { phase: 'Pending' } },
      want: { Ready: '0/2', Status: 'Pending', IP: '<none>', Node: '<none>' },
    },
    {
      name: 'a deployment under way',
      resource: 'deployments.apps',
      given: {
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'a' } },
          template: { spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
        status: { readyReplicas: 1, updatedReplicas: 2 },
      },
      want: {
        Ready: '1/3',
        'Up-to-date': 2,
        Available: 0,
        Containers: 'c',
        Images: 'i',
        Selector: 'app=a',
      },
    },
    {
      name: 'a job under way',
      resource: 'jobs.batch',
      given: {
        spec: { completions: 2 },
        status: { succeeded: 1, startTime: '2026-01-01T00:59:30Z' },
      },
      want: { Status: 'Running', Completions: '1/2', Duration: '30s' },
    },
    {
      name: 'a job that is done',
      resource: 'jobs.batch',
      given: {
        spec: { completions: 1 },
        status: {
          succeeded: 1,
          startTime: '2026-01-01T00:00:00Z',
          completionTime: '2026-01-01T00:00:05Z',
          conditions: [{ type: 'Complete', status: 'True' }],
        },
      },
      want: { Status: 'Complete', Completions: '1/1', Duration: '5s' },
    },
    {
      name: 'a service with node ports',
      resource: 'services',
      given: {
        spec: {
          type: 'NodePort',
          clusterIP: '10.0.0.1',
          ports: [
            { port: 80, nodePort: 30080, protocol: 'TCP' },
            { port: 53, protocol: 'UDP' },
          ],
        },
      },
      want: { 'External-IP': '<none>', 'Port(s)': '80:30080/TCP,53/UDP', Selector: '<none>' },
    },
    {
      name: 'a load balancer without address',
      resource: 'services',
      given: { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } },
      want: { 'Cluster-IP': '<none>', 'External-IP': '<pending>', 'Port(s)': '80/TCP' },
    },
    {
      name: 'a bound claim',
      resource: 'persistentvolumeclaims',
      given: {
        spec: { volumeName: 'pv', storageClassName: 'standard' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
      },
      want: { Status: 'Bound', Volume: 'pv', Capacity: '1Gi', 'Access Modes': 'RWO' },
    },
    {
      name: 'a node that takes no pods',
      resource: 'nodes',
      given: {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      },
      want: { Status: 'Ready,SchedulingDisabled', Roles: 'control-plane' },
    },
    {
      name: 'an ingress for every host',
      resource: 'ingresses.networking.k8s.io',
      given: { spec: { rules: [{}], tls: [{}] } },
      want: { Class: '<none>', Hosts: '*', Ports: '80, 443', Address: '' },
    },
    {
      name: 'many endpoints',
      resource: 'endpoints',
      given: {
        subsets: [{ addresses: ['1', '2', '3', '4'].map((ip) => ({ ip })), ports: [{ port: 80 }] }],
      },
      want: { Endpoints: '1:80,2:80,3:80 + 1 more...' },
    },
  ];
  for (const { name, resource, given, want } of cases) {
    it(name, () => expect(cellsOf(resource, given)).to.include(want));
  }

  it('prints an object of which nothing is known', () => {
    for (const kind of kubernetesKinds()) {
      if (computedTable(kind) !== undefined) cellsOf(resourceName(kind), {});
    }
  });
});
