import { expect } from 'chai';
import type { Why } from '../../sdk/api/why.js';
import type { Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';
import { clusterNamespaceOf } from '../support/workloads.js';

describe('tptctl why on the embedded control plane', function () {
  this.timeout(60_000);
  let plane: Plane;

  before(async () => {
    plane = await startPlane();
    const applied = await plane.tptctl([
      'apply',
      '-f',
      'samples/nginx.yaml',
      '--wait',
      '--timeout',
      '30s',
    ]);
    expect(applied, applied.stderr).to.include({ code: 0 });
  });
  after(() => plane?.remove());

  const why = async (...args: string[]): Promise<string> => {
    const told = await plane.tptctl(['why', ...args]);
    expect(told, told.stderr).to.include({ code: 0 });
    return told.stdout;
  };

  it('reads from the request to the status that it ended in', async () => {
    const text = await why('workload', 'nginx');
    expect(text).to.match(/^Workload default\/nginx: .*Ready=True \(Healthy\)/);
    expect(text).to.match(/^waits for +.*\n( +.*\n)* +WorkloadInstance nginx +ready$/m);
    const chain = text.slice(text.indexOf('admin apply'));
    expect(chain, text).to.match(
      new RegExp(
        [
          /^admin apply from 127\.0\.0\.1 \(tptctl\)/,
          /└─ Workload nginx created \[\d+\]/,
          / {3}└─ Workload nginx reconciled in \d+ ms/,
          / {6}├─ WorkloadInstance nginx created \[\d+\]/,
          / {6}│ {2}└─ WorkloadInstance nginx reconciled in \d+ ms, \w+/,
          / {6}│ {5}├─ sandbox: apply v1 Namespace nginx-\w+ +ok \d+ ms/,
          / {6}│ {5}├─ sandbox: apply apps\/v1 Deployment nginx-\w+\/nginx +ok \d+ ms/,
        ]
          .map(({ source }) => `${source}[^]*?`)
          .join(''),
      ),
    );
    expect(text).to.match(/Workload nginx \[\d+\] status .*Ready=True \(Healthy\)/);
    expect(text.split('\n').filter((line) => line.length > 100)).to.deep.equal([]);
  });

  it('joins in JSON each revision with the attempt that made it, each attempt with its cause', async () => {
    const { revisions, attempts, objects } = JSON.parse(
      await why('workload/nginx', '-o', 'json', '--limit', '100'),
    ) as Why;
    const [asked] = objects;
    const created = revisions.find(({ uid, type }) => uid === asked?.uid && type === 'ADDED');
    expect(created?.origin).to.include({ user: 'admin', verb: 'apply', userAgent: 'tptctl' });
    const first = attempts.find(({ cause }) => cause?.resourceVersion === created?.resourceVersion);
    expect(first).to.include({ uid: asked?.uid });
    const madeBy = revisions.filter(
      ({ attempt }) => attempt?.uid === first?.uid && attempt?.fence === first?.fence,
    );
    const kinds = madeBy.map(({ uid }) => objects.find((object) => object.uid === uid)?.kind);
    expect(kinds).to.include.members(['Workload', 'WorkloadInstance', 'WorkloadDefinition']);
    const known = new Set(attempts.map(({ uid, fence }) => `${uid}/${fence}`));
    const unknown = revisions.filter(
      ({ attempt }) => attempt !== undefined && !known.has(`${attempt.uid}/${attempt.fence}`),
    );
    expect(unknown).to.deep.equal([]);
  });

  it('leads from a resource in the cluster back to the request', async () => {
    const namespace = await clusterNamespaceOf(plane, 'nginx');
    const text = await why('--cluster', 'sandbox', 'deployment/nginx', '-n', namespace);
    expect(text).to.match(/^deployment nginx in namespace nginx-\w+ of cluster sandbox\n/);
    expect(text).to.match(/: admin apply from 127\.0\.0\.1 \(tptctl\)\n└─ Workload nginx created/);
    const effects = text.split('\n').filter((line) => line.includes('sandbox: '));
    expect(effects, text).to.have.length(1);
    expect(effects[0]).to.match(
      /└─ sandbox: apply apps\/v1 Deployment nginx-\w+\/nginx +ok \d+ ms$/,
    );
    const spelled = await why(
      '--cluster',
      'sandbox',
      'deploy',
      'nginx',
      '-n',
      namespace,
      '-o',
      'yaml',
    );
    expect(spelled).to.match(/target: apps\/v1 Deployment nginx-\w+\/nginx/);
  });

  it('follows an edit by another hand to the field that it changed', async () => {
    const patched = await plane.client.raw({
      method: 'PATCH',
      path: '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads/nginx',
      headers: {
        'content-type': 'application/merge-patch+json',
        'impersonate-user': 'jane',
        'impersonate-group': 'system:masters',
      },
      body: { metadata: { annotations: { team: 'blue' } } },
    });
    expect(patched.statusCode, patched.text).to.equal(200);
    const text = await why('workload', 'nginx', '--since', '1h');
    expect(text).to.match(
      /jane \(impersonated by admin\) patch from 127\.0\.0\.1 .*\n└─ Workload nginx \[\d+\] metadata\.annotations\n/,
    );
  });

  it('fails as kubectl does', async () => {
    for (const [args, stderr] of [
      [['workload', 'nobody'], /workloads\.workload\.threeport\.io "nobody" not found/],
      [['--cluster', 'sandbox', 'deploy/nobody'], /knows of nothing done to deploy "nobody"/],
      [['--cluster', 'nowhere', 'deploy/x'], /"nowhere" not found/],
      [['--cluster', 'sandbox', 'deploy'], /name one object of the cluster/],
      [['gizmo', 'x'], /no resource type "gizmo"/],
      [['workload'], /name the object too/],
      [['workload', 'nginx', '-o', 'xml'], /unknown output format "xml"/],
      [['workload', 'nginx', '--limit', '0'], /limit: want a whole number from 1 to 100/],
      [['workload', 'nginx', '--since', 'ever'], /"ever" is no duration/],
    ] as const) {
      const told = await plane.tptctl(['why', ...args]);
      expect(told.code, args.join(' ')).to.be.oneOf([1, 2]);
      expect(told.stderr).to.match(stderr);
      expect(told.stdout).to.equal('');
    }
  });
});
