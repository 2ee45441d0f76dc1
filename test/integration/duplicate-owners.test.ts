import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u1' };
const OTHER = { ...OWNER, name: 'o2' };
const WARNING =
  /^299 - "\.metadata\.ownerReferences contains duplicate entries(?<patch> after mutating admission happens)?; API server dedups owner references in 1\.20\+, and may reject such requests as early as 1\.24; please fix your requests; duplicate UID\(s\) observed: (?<uids>[^"]+)"$/;

/** The answers are those of a kube-apiserver v1.20 to the same requests. */
describe('owners that are named twice', function () {
  this.timeout(20_000);
  let world: ApiWorld;
  before(async () => {
    world = await startApiWorld();
    await world.call('POST', MAPS, { body: { metadata: { name: 'live' } } });
  });
  after(() => world.stop());

  const cases: readonly {
    readonly verb: string;
    readonly method: string;
    readonly path: string;
    readonly type?: string;
    readonly body: unknown;
    readonly want: readonly object[];
    readonly uids: string;
  }[] = [
    {
      verb: 'a create',
      method: 'POST',
      path: MAPS,
      body: {
        metadata: { name: 'dup', ownerReferences: [OWNER, OWNER, OTHER, OTHER, OWNER] },
      },
      want: [OWNER, OTHER],
      uids: 'u1, u1, u1',
    },
    {
      verb: 'an update',
      method: 'PUT',
      path: `${MAPS}/live`,
      body: { metadata: { name: 'live', ownerReferences: [OWNER, OWNER] } },
      want: [OWNER],
      uids: 'u1',
    },
    {
      verb: 'a merge patch',
      method: 'PATCH',
      path: `${MAPS}/live`,
      type: 'application/merge-patch+json',
      body: { metadata: { ownerReferences: [OWNER, OWNER] } },
      want: [OWNER],
      uids: 'u1',
    },
    {
      verb: 'a JSON patch',
      method: 'PATCH',
      path: `${MAPS}/live`,
      type: 'application/json-patch+json',
      body: [{ op: 'add', path: '/metadata/ownerReferences', value: [OWNER, OWNER] }],
      want: [OWNER],
      uids: 'u1',
    },
  ];
  for (const { verb, method, path, type, body, want, uids } of cases) {
    it(`stay once after ${verb}, with a warning`, async () => {
      // Nothing is stored: the collector would take what has an owner that is nowhere.
      const answer = await world.call(method, `${path}?dryRun=All`, {
        body,
        ...(type !== undefined && { type }),
      });
      expect(answer.status, JSON.stringify(answer.body)).to.be.lessThan(300);
      expect(answer.body.metadata.ownerReferences).to.deep.equal(want);
      const found = WARNING.exec(String(answer.headers['warning']));
      expect(found?.groups?.['uids']).to.equal(uids);
      expect(found?.groups?.['patch'] !== undefined).to.equal(method === 'PATCH');
    });
  }

  it('are refused in server-side apply, whose lists have keys', async () => {
    const answer = await world.call('PATCH', `${MAPS}/applied?fieldManager=me`, {
      type: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'applied', ownerReferences: [OWNER, OWNER] },
      },
    });
    expect(answer.status).to.be.oneOf([422, 500]);
    expect(answer.body.message).to.include('duplicate entries for key [uid="u1"]');
  });
});
