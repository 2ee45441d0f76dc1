import { expect } from 'chai';
import type { ApiObject, ObjectMeta } from '../api/object.js';
import { isSameGeneration, resourceRevision } from './resource-revision.js';

const deployment = (metadata: Partial<ObjectMeta> = {}, more: object = {}): ApiObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    uid: 'u',
    resourceVersion: '17',
    generation: 3,
    labels: { app: 'web', tier: 'front' },
    annotations: { team: 'shop' },
    ...metadata,
  },
  spec: { replicas: 1 },
  ...more,
});

describe('resourceRevision', () => {
  const steady: readonly { name: string; object: ApiObject }[] = [
    {
      name: 'a write of its status',
      object: deployment({ resourceVersion: '18' }, { status: { readyReplicas: 1 } }),
    },
    {
      name: 'another order of its labels',
      object: deployment({ labels: { tier: 'front', app: 'web' } }),
    },
    {
      name: 'the number of its rollout',
      object: deployment({
        annotations: { 'deployment.kubernetes.io/revision': '2', team: 'shop' },
      }),
    },
    {
      name: 'what kubectl keeps of its manifest',
      object: deployment({
        annotations: { team: 'shop', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      }),
    },
    { name: 'managed fields', object: deployment({ managedFields: [] }) },
  ];
  for (const { name, object } of steady) {
    it(`stays with ${name}`, () => {
      expect(resourceRevision(object)).to.equal(resourceRevision(deployment()));
    });
  }

  const moving: readonly { name: string; object: ApiObject }[] = [
    { name: 'the generation', object: deployment({ generation: 4 }) },
    { name: 'another object of that name', object: deployment({ uid: 'u2' }) },
    { name: 'a label', object: deployment({ labels: { app: 'web', tier: 'back' } }) },
    { name: 'a label that is gone', object: deployment({ labels: { app: 'web' } }) },
    { name: 'a new annotation', object: deployment({ annotations: { team: 'shop', by: 'me' } }) },
    {
      name: 'a label that becomes an annotation',
      object: deployment({
        labels: { app: 'web' },
        annotations: { team: 'shop', tier: 'front' },
      }),
    },
    { name: 'a finalizer', object: deployment({ finalizers: ['x.io/hold'] }) },
    {
      name: 'an owner',
      object: deployment({
        ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'o' }],
      }),
    },
    { name: 'its deletion', object: deployment({ deletionTimestamp: '2026-01-01T00:00:00Z' }) },
  ];
  for (const { name, object } of moving) {
    it(`moves with ${name}`, () => {
      expect(resourceRevision(object)).to.not.equal(resourceRevision(deployment()));
    });
  }

  it('begins with the generation and is short', () => {
    expect(resourceRevision(deployment())).to.match(/^3-[0-9a-f]{10}$/);
  });

  it('is the resourceVersion where no generation counts the changes of a spec', () => {
    const { generation: _generation, ...service } = deployment().metadata;
    expect(resourceRevision({ ...deployment(), metadata: service })).to.equal('17');
    const { spec: _spec, ...priorityClass } = deployment();
    expect(resourceRevision(priorityClass)).to.equal('17');
  });

  it('is unknown of what no server has stored', () => {
    expect(
      resourceRevision({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
    ).to.equal(undefined);
  });
});

describe('isSameGeneration', () => {
  const cases: readonly [string | undefined, string | undefined, boolean][] = [
    ['3-aa', '3-bb', true],
    ['3-aa', '4-aa', false],
    ['17', '17', true],
    ['17', '18', false],
    [undefined, '1-aa', false],
    [undefined, undefined, true],
  ];
  for (const [a, b, want] of cases) {
    it(`${a} and ${b}: ${want}`, () => {
      expect(isSameGeneration(a, b)).to.equal(want);
    });
  }
});
