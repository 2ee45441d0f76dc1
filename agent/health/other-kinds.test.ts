import { expect } from 'chai';

import type { Assessment } from './health.js';
import { assessHealth } from './index.js';
import type { ObjectParts } from './testing.js';
import { kept } from './testing.js';

interface Case {
  readonly name: string;
  readonly reason: string;
  readonly given: ObjectParts;
  readonly want: Assessment;
}

function custom(conditions: readonly object[], more: object = {}, generation = 1): ObjectParts {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { generation },
    status: { conditions, ...more },
  };
}

function hpa(conditions: readonly object[]): ObjectParts {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    status: { conditions },
  };
}

const cases: readonly Case[] = [
  {
    name: 'Service within the cluster',
    reason: 'it works as soon as it exists',
    given: { apiVersion: 'v1', kind: 'Service', spec: { type: 'ClusterIP' } },
    want: { health: 'Healthy' },
  },
  {
    name: 'Service that waits for its load balancer',
    reason: 'nobody can reach it yet',
    given: { apiVersion: 'v1', kind: 'Service', spec: { type: 'LoadBalancer' } },
    want: { health: 'Progressing', message: 'the load balancer has no address yet' },
  },
  {
    name: 'Service with a load balancer',
    reason: 'it has an address',
    given: {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    },
    want: { health: 'Healthy' },
  },
  {
    name: 'Ingress without a controller',
    reason: 'nobody serves it',
    given: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', status: { loadBalancer: {} } },
    want: { health: 'Progressing', message: 'no ingress controller has given it an address yet' },
  },
  {
    name: 'Ingress with an address',
    reason: 'a controller has taken it',
    given: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
    },
    want: { health: 'Healthy' },
  },
  {
    name: 'PersistentVolumeClaim, bound',
    reason: 'it has a volume',
    given: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Bound' } },
    want: { health: 'Healthy' },
  },
  {
    name: 'PersistentVolumeClaim, pending',
    reason: 'a volume may still come',
    given: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } },
    want: { health: 'Progressing', message: 'Pending: the claim is not bound to a volume yet' },
  },
  {
    name: 'PersistentVolumeClaim, lost',
    reason: 'its volume will not come back',
    given: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Lost' } },
    want: { health: 'Degraded', message: 'Lost: the claim lost its volume' },
  },
  {
    name: 'Namespace, active',
    reason: 'it can be used',
    given: { apiVersion: 'v1', kind: 'Namespace', status: { phase: 'Active' } },
    want: { health: 'Healthy' },
  },
  {
    name: 'Namespace that cannot go',
    reason: 'what holds it is in its conditions',
    given: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: {
        phase: 'Terminating',
        conditions: [
          { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'fine' },
          {
            type: 'NamespaceFinalizersRemaining',
            status: 'True',
            message: 'Some content has finalizers remaining: x in 1 resource instances',
          },
        ],
      },
    },
    want: {
      health: 'Progressing',
      message: 'being deleted: Some content has finalizers remaining: x in 1 resource instances',
    },
  },
  {
    name: 'CustomResourceDefinition, established',
    reason: 'its objects can be created',
    given: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      status: {
        conditions: [
          { type: 'NamesAccepted', status: 'True' },
          { type: 'Established', status: 'True' },
        ],
      },
    },
    want: { health: 'Healthy' },
  },
  {
    name: 'CustomResourceDefinition, names taken',
    reason: 'it will not be served until the other one goes',
    given: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      status: {
        conditions: [
          {
            type: 'NamesAccepted',
            status: 'False',
            reason: 'PluralConflict',
            message: '"databases" is already in use',
          },
          { type: 'Established', status: 'False', reason: 'NotAccepted' },
        ],
      },
    },
    want: { health: 'Degraded', message: 'PluralConflict: "databases" is already in use' },
  },
  {
    name: 'CustomResourceDefinition, new',
    reason: 'it takes the API server a moment',
    given: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    want: { health: 'Progressing', message: 'not established yet' },
  },
  {
    name: 'HorizontalPodAutoscaler without metrics',
    reason: 'it cannot do its work',
    given: hpa([
      { type: 'AbleToScale', status: 'True' },
      {
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetResourceMetric',
        message: 'unable to get metrics for resource cpu',
      },
    ]),
    want: {
      health: 'Degraded',
      message: 'FailedGetResourceMetric: unable to get metrics for resource cpu',
    },
  },
  {
    name: 'HorizontalPodAutoscaler of a target scaled to zero',
    reason: 'it was switched off on purpose',
    given: hpa([{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' }]),
    want: { health: 'Healthy' },
  },
  {
    name: 'HorizontalPodAutoscaler v1',
    reason: 'that version says nothing of itself',
    given: { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler' },
    want: { health: 'Healthy' },
  },
  {
    name: 'ConfigMap',
    reason: 'to exist is all that it can do',
    given: { apiVersion: 'v1', kind: 'ConfigMap' },
    want: { health: 'Healthy' },
  },
  {
    name: 'custom resource, Ready',
    reason: 'its controller says that it works',
    given: custom([{ type: 'Ready', status: 'True' }]),
    want: { health: 'Healthy' },
  },
  {
    name: 'custom resource, not Ready',
    reason: 'it may become so',
    given: custom([{ type: 'Ready', status: 'False', reason: 'Creating', message: 'one minute' }]),
    want: { health: 'Progressing', message: 'Creating: one minute' },
  },
  {
    name: 'custom resource, Ready unknown',
    reason: 'Unknown is not yet',
    given: custom([{ type: 'Ready', status: 'Unknown' }]),
    want: { health: 'Progressing', message: 'not Ready' },
  },
  {
    name: 'custom resource, Stalled',
    reason: 'its controller has given up, whatever Ready says',
    given: custom([
      { type: 'Ready', status: 'False' },
      { type: 'Stalled', status: 'True', reason: 'InvalidSize', message: 'no such size' },
    ]),
    want: { health: 'Degraded', message: 'InvalidSize: no such size' },
  },
  {
    name: 'custom resource, Failed',
    reason: 'it says so',
    given: custom([{ type: 'Failed', status: 'True' }]),
    want: { health: 'Degraded', message: 'Failed' },
  },
  {
    name: 'custom resource, Reconciling',
    reason: 'Ready is about what was before',
    given: custom([
      { type: 'Ready', status: 'True' },
      { type: 'Reconciling', status: 'True', reason: 'Progressing' },
    ]),
    want: { health: 'Progressing', message: 'Progressing' },
  },
  {
    name: 'custom resource, Ready of an older generation',
    reason: 'the condition says which generation it is about',
    given: custom([{ type: 'Ready', status: 'True', observedGeneration: 1 }], {}, 2),
    want: { health: 'Progressing', message: 'Ready is of an older generation' },
  },
  {
    name: 'custom resource, status of an older generation',
    reason: 'nothing in it is about the newest spec',
    given: custom([{ type: 'Ready', status: 'True' }], { observedGeneration: 1 }, 2),
    want: {
      health: 'Progressing',
      message: 'the newest change of its spec has not been seen by its controller yet',
    },
  },
  {
    name: 'custom resource whose conditions are no list',
    reason: 'a stranger may call anything conditions',
    given: { apiVersion: 'example.com/v1', kind: 'Odd', status: { conditions: { Ready: true } } },
    want: { health: 'Healthy' },
  },
];

describe('assessHealth of other kinds', () => {
  for (const { name, reason, given, want } of cases) {
    it(name, () => {
      expect(assessHealth(kept(given), []), reason).to.deep.equal(want);
    });
  }
});
