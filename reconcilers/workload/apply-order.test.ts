import { expect } from 'chai';
import { inApplyOrder, inDeleteOrder } from './apply-order.js';

const given = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'example.io/v1', kind: 'Namespace' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
  { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  { apiVersion: 'v1', kind: 'Namespace' },
];
const kinds = (phases: readonly (readonly { kind: string }[])[]): string[] =>
  phases.map((phase) => phase.map(({ kind }) => kind).join('+'));

describe('apply order', () => {
  const want = [
    'Namespace',
    'CustomResourceDefinition',
    'ClusterRole',
    'Service+Secret',
    'Deployment+StatefulSet',
    'Job',
    'Ingress+Namespace',
  ];

  it('has what others need first, and custom resources last', () => {
    expect(kinds(inApplyOrder(given))).to.deep.equal(want);
  });

  it('is reversed for deletion', () => {
    expect(kinds(inDeleteOrder(given))).to.deep.equal([...want].reverse());
  });

  it('has no phases for nothing', () => {
    expect(inApplyOrder([])).to.deep.equal([]);
  });
});
