import { expect } from 'chai';

import type { ObjectMeta } from '../sdk/api/object.js';
import { kept, keptPod, waiting } from './health/testing.js';
import { resourceRevision } from '../sdk/kube/resource-revision.js';
import type { KeptEvent } from './kept-event.js';
import type { KeptObject } from './kept-object.js';
import { keepObject } from './kept-object.js';
import type { ClusterSight, Sighting } from './report.js';
import { buildReport } from './report.js';

const service = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const instance = {
  uid: 'uid-instance',
  namespace: 'default',
  name: 'shop',
  inventory: [service, deployment],
};

const liveDeployment = kept({
  ...deployment,
  metadata: { generation: 3, resourceVersion: '99', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { selector: { matchLabels: { app: 'web' } } },
  status: { observedGeneration: 3, replicas: 1, updatedReplicas: 1 },
});

function sight(
  found: Readonly<Record<string, Sighting>>,
  pods: readonly KeptObject[] = [],
  events: readonly KeptEvent[] = [],
): ClusterSight {
  return {
    find: (entry) => found[entry.kind] ?? { missing: true },
    podsOf: (uid) => (uid === instance.uid ? pods : []),
    eventsIn: (namespace) => events.filter(({ involved }) => involved.namespace === namespace),
  };
}

describe('buildReport', () => {
  it('lists the resources in the order of the inventory, with what is known of each', () => {
    const report = buildReport(
      instance,
      sight({ Deployment: { object: liveDeployment } }, [keptPod(waiting('ErrImagePull'))]),
    );
    expect(report).to.deep.equal({
      namespace: 'default',
      name: 'shop',
      owner: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadInstance',
        name: 'shop',
        uid: 'uid-instance',
      },
      status: {
        resources: [
          { ...service, health: 'Missing', message: 'not in the cluster' },
          {
            ...deployment,
            uid: 'uid-web',
            health: 'Degraded',
            message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"',
            createdAt: '2026-01-01T00:00:00Z',
            revision: liveDeployment.revision,
          },
        ],
        warnings: [],
      },
    });
  });

  it('is another one when a label or an annotation is changed, and no generation tells', () => {
    const reportOf = (metadata: Partial<ObjectMeta>): unknown => {
      const object = kept({ ...deployment, metadata: { generation: 3, ...metadata }, spec: {} });
      return buildReport(instance, sight({ Deployment: { object } }));
    };
    const before = reportOf({ labels: { a: '1' } });
    expect(reportOf({ labels: { a: '1' } })).to.deep.equal(before);
    expect(reportOf({ labels: { a: '2' } })).to.not.deep.equal(before);
    expect(reportOf({ labels: { a: '1' }, annotations: { b: '1' } })).to.not.deep.equal(before);
  });

  it('takes the resourceVersion for the revision of a kind without generation', () => {
    const fields = { spec: [], status: [] };
    const metadata = { name: 'web', namespace: 'shop', resourceVersion: '17' };
    const object = keepObject({ ...service, metadata }, service, fields);
    const { status } = buildReport(instance, sight({ Service: { object } }));
    expect(status['resources']).to.have.nested.property('[0].revision', '17');
  });

  it('says Unknown, and why, of what cannot be read', () => {
    const { status } = buildReport(instance, sight({ Service: { unknown: 'not allowed' } }));
    expect(status['resources']).to.deep.include({
      ...service,
      health: 'Unknown',
      message: 'not allowed',
    });
  });

  it('reports the warnings about its resources and its pods, and no others', () => {
    const warning = (name: string, uid: string): KeptEvent => ({
      involved: { kind: 'Pod', namespace: 'shop', name, uid },
      isWarning: true,
      reason: 'Failed',
      message: 'no',
      count: 1,
      lastSeenMs: 0,
    });
    const { status } = buildReport(
      instance,
      sight(
        { Deployment: { object: liveDeployment } },
        [keptPod({}, { name: 'odd', uid: 'uid-odd' })],
        [warning('odd', 'uid-odd'), warning('web-1', ''), warning('stranger', 'uid-x')],
      ),
    );
    expect(status['warnings']).to.deep.equal([
      { resource: 'Pod/odd', reason: 'Failed', message: 'no', count: 1 },
      { resource: 'Pod/web-1', reason: 'Failed', message: 'no', count: 1 },
    ]);
  });
});

describe('keepObject', () => {
  it('keeps in the revision what is said of the object and not kept', () => {
    const object = {
      ...deployment,
      metadata: { name: 'web', generation: 3, annotations: { a: 'b' } },
      spec: { replicas: 1 },
    };
    const { metadata, revision } = keepObject(object, deployment, { spec: [], status: [] });
    expect(metadata).to.deep.equal({ name: 'web', generation: 3 });
    expect(revision).to.equal(resourceRevision(object));
  });

  it('drops the values of a Secret and whatever health does not need', () => {
    const object = keepObject(
      {
        apiVersion: 'v1',
        kind: 'PartialObjectMetadata',
        metadata: { name: 's', annotations: { a: 'b' }, managedFields: [] },
        data: { password: 'c2VjcmV0' },
        spec: { replicas: 1, template: {} },
      },
      { apiVersion: 'v1', kind: 'Secret' },
      { spec: ['replicas'], status: [] },
    );
    expect(object).to.deep.equal({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      spec: { replicas: 1 },
      status: {},
    });
  });
});
