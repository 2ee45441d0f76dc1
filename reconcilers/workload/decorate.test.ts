import { expect } from 'chai';
import type { ApiObject } from '../../sdk/api/object.js';
import { appliedHashAnnotation, decorate } from './decorate.js';

const placement = { instanceUid: 'uid-1', instanceName: 'web', definitionName: 'site' };
const labels = {
  'app.kubernetes.io/managed-by': 'threeport',
  'app.kubernetes.io/name': 'site',
  'app.kubernetes.io/instance': 'web',
  'control-plane.threeport.io/workload-instance': 'uid-1',
};
const object = (kind: string, fields: object = {}): ApiObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x' },
  ...fields,
});

describe('decorate', () => {
  it('adds our labels and the hash', () => {
    const { metadata } = decorate(object('ConfigMap'), placement);
    expect(metadata.labels).to.deep.equal(labels);
    expect(metadata.annotations?.[appliedHashAnnotation]).to.match(/^[0-9a-f]{16}$/);
  });

  it('keeps a name and an instance that are given, never another owner', () => {
    const given = {
      'app.kubernetes.io/name': 'mine',
      'app.kubernetes.io/managed-by': 'Helm',
      'control-plane.threeport.io/workload-instance': 'other',
      tier: 'front',
    };
    const { metadata } = decorate(
      object('Service', { metadata: { name: 'x', labels: given } }),
      placement,
    );
    expect(metadata.labels).to.deep.equal({
      ...labels,
      'app.kubernetes.io/name': 'mine',
      tier: 'front',
    });
  });

  const template = { metadata: { labels: { app: 'x' } }, spec: {} };
  const labelled = { metadata: { labels: { ...labels, app: 'x' } }, spec: {} };
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job']) {
    it(`labels the pods of a ${kind}`, () => {
      expect(decorate(object(kind, { spec: { template } }), placement).spec).to.deep.equal({
        template: labelled,
      });
    });
  }

  it('labels the jobs and the pods of a CronJob', () => {
    const given = object('CronJob', { spec: { jobTemplate: { spec: { template } } } });
    expect(decorate(given, placement).spec).to.deep.equal({
      jobTemplate: { metadata: { labels }, spec: { template: labelled } },
    });
  });

  it('takes a Deployment without a template as it is', () => {
    expect(
      decorate(object('Deployment', { spec: { template: null } }), placement).spec,
    ).to.deep.equal({ template: null });
  });

  it('does not modify its input, and is the same for equal input', () => {
    const given = object('Deployment', { spec: { template, replicas: 1 } });
    const before = JSON.stringify(given);
    const first = decorate(given, placement);
    expect(JSON.stringify(given)).to.equal(before);
    const other = object('Deployment', { spec: { replicas: 1, template } });
    expect(decorate(other, placement)).to.deep.equal(first);
  });

  it('has another hash for another manifest', () => {
    const hash = (data: object): unknown =>
      decorate(object('ConfigMap', { data }), placement).metadata.annotations?.[
        appliedHashAnnotation
      ];
    expect(hash({ a: '1' })).to.not.equal(hash({ a: '2' }));
    expect(hash({ a: '1', b: '2' })).to.equal(hash({ b: '2', a: '1' }));
  });

  it('shortens names to what a label can hold', () => {
    const long = { ...placement, definitionName: `${'a'.repeat(62)}.bcd` };
    expect(
      decorate(object('ConfigMap'), long).metadata.labels?.['app.kubernetes.io/name'],
    ).to.equal('a'.repeat(62));
  });
});
