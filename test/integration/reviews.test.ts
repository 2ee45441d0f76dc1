import { expect } from 'chai';
import type { ApiWorld, CallOptions } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1';

describe('reviews', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const questions: readonly {
    readonly name: string;
    readonly as?: CallOptions['as'];
    readonly path: string;
    readonly spec?: object;
    readonly want: object;
  }[] = [
    {
      name: 'who an administrator is',
      path: `${AUTHENTICATION}/selfsubjectreviews`,
      want: { userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } },
    },
    {
      name: 'who nobody special is',
      as: 'stranger',
      path: `${AUTHENTICATION}/selfsubjectreviews`,
      want: { userInfo: { username: 'stranger', groups: ['system:authenticated'] } },
    },
    {
      name: 'whether an administrator may',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: { verb: 'delete', resource: 'namespaces', name: 'x' } },
      want: { allowed: true },
    },
    {
      name: 'whether an administrator may do what nobody serves',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: { verb: '*', group: '*', resource: '*' } },
      want: { allowed: true },
    },
    {
      name: 'whether nobody special may',
      as: 'stranger',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: { verb: 'list', resource: 'secrets', namespace: 'default' } },
      want: { allowed: false },
    },
    {
      name: 'whether nobody special may do all',
      as: 'stranger',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: { verb: 'get', group: '*', resource: '*' } },
      want: { allowed: false },
    },
    {
      name: 'whether nobody special may read discovery',
      as: 'stranger',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { nonResourceAttributes: { verb: 'get', path: '/openapi/v3' } },
      want: { allowed: true },
    },
    {
      name: 'whether an agent may watch instances',
      as: 'agent',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: {
        resourceAttributes: {
          verb: 'watch',
          group: 'workload.threeport.io',
          resource: 'workloadinstances',
        },
      },
      want: { allowed: true },
    },
    {
      name: 'whether somebody else may',
      path: `${AUTHORIZATION}/subjectaccessreviews`,
      spec: {
        user: 'somebody',
        groups: ['threeport:agents'],
        resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 'default' },
      },
      want: { allowed: false },
    },
    {
      name: 'whether a group may, in one namespace',
      path: `${AUTHORIZATION}/namespaces/default/localsubjectaccessreviews`,
      spec: {
        groups: ['system:masters'],
        resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 'default' },
      },
      want: { allowed: true },
    },
    {
      name: 'what an administrator may',
      path: `${AUTHORIZATION}/selfsubjectrulesreviews`,
      spec: { namespace: 'default' },
      want: {
        incomplete: false,
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    },
    {
      name: 'whose token it is',
      path: `${AUTHENTICATION}/tokenreviews`,
      spec: { token: 'agent-token-for-tests' },
      want: {
        authenticated: true,
        user: { username: 'agent', groups: ['threeport:agents', 'system:authenticated'] },
      },
    },
    {
      name: 'nobody’s token',
      path: `${AUTHENTICATION}/tokenreviews`,
      spec: { token: 'not-a-token-of-anybody' },
      want: { authenticated: false },
    },
  ];
  for (const { name, as = 'admin', path, spec, want } of questions) {
    it(`answers ${name}`, async () => {
      const { status, body } = await world.call('POST', path, {
        as,
        body: spec === undefined ? {} : { spec },
      });
      expect(status, JSON.stringify(body)).to.equal(201);
      expect(body.status).to.deep.equal(want);
    });
  }

  it('says of an agent what a request of theirs would meet', async () => {
    const { body } = await world.call('POST', `${AUTHORIZATION}/selfsubjectrulesreviews`, {
      as: 'agent',
      body: { spec: { namespace: 'default' } },
    });
    expect(body.status.incomplete).to.equal(true);
    for (const { verbs, apiGroups, resources } of body.status.resourceRules as {
      verbs: string[];
      apiGroups: string[];
      resources: string[];
    }[]) {
      if (!verbs.includes('list')) continue;
      const path = `/apis/${apiGroups[0]}/v1alpha1/${resources[0]}`;
      expect((await world.call('GET', path, { as: 'agent' })).status, path).to.equal(200);
    }
  });

  it('gives no token back', async () => {
    const token = 'agent-token-for-tests';
    const { body } = await world.call('POST', `${AUTHENTICATION}/tokenreviews`, {
      body: { spec: { token } },
    });
    expect(JSON.stringify(body)).to.not.include(token);
  });

  const refused: readonly {
    readonly name: string;
    readonly as?: CallOptions['as'];
    readonly path: string;
    readonly query?: string;
    readonly spec?: object;
    readonly want: readonly [status: number, message: RegExp];
  }[] = [
    {
      name: 'a question about nothing',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: {},
      want: [422, /exactly one of nonResourceAttributes or resourceAttributes/],
    },
    {
      name: 'a question about two things',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: {}, nonResourceAttributes: {} },
      want: [422, /exactly one of nonResourceAttributes or resourceAttributes/],
    },
    {
      name: 'a question about nobody',
      path: `${AUTHORIZATION}/subjectaccessreviews`,
      spec: { resourceAttributes: { verb: 'get', resource: 'secrets' } },
      want: [422, /at least one of user or group/],
    },
    {
      name: 'another namespace',
      path: `${AUTHORIZATION}/namespaces/default/localsubjectaccessreviews`,
      spec: { user: 'x', resourceAttributes: { verb: 'get', resource: 'cm', namespace: 'other' } },
      want: [422, /must match metadata\.namespace: default/],
    },
    {
      name: 'no token',
      path: `${AUTHENTICATION}/tokenreviews`,
      spec: { token: '' },
      want: [400, /token is required/],
    },
    {
      name: 'a mistyped question',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      spec: { resourceAttributes: { verb: 5 } },
      want: [422, /spec\.resourceAttributes\.verb/],
    },
    {
      name: 'an unknown field, when strict',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      query: '?fieldValidation=Strict',
      spec: { resourceAttributes: { verb: 'get' }, whoever: 1 },
      want: [400, /unknown field "spec\.whoever"/],
    },
    {
      name: 'a question about somebody else by nobody special',
      as: 'stranger',
      path: `${AUTHORIZATION}/subjectaccessreviews`,
      spec: { user: 'x', resourceAttributes: { verb: 'get' } },
      want: [403, /cannot create resource "subjectaccessreviews"/],
    },
    {
      name: 'a token to try by nobody special',
      as: 'stranger',
      path: `${AUTHENTICATION}/tokenreviews`,
      spec: { token: 'agent-token-for-tests' },
      want: [403, /cannot create resource "tokenreviews"/],
    },
  ];
  for (const { name, as = 'admin', path, query = '', spec, want } of refused) {
    it(`refuses ${name}`, async () => {
      const { status, body } = await world.call('POST', path + query, { as, body: { spec } });
      expect(status, JSON.stringify(body)).to.equal(want[0]);
      expect(body.message).to.match(want[1]);
    });
  }

  describe('in the name of somebody else', () => {
    const WHO_AM_I = `${AUTHENTICATION}/selfsubjectreviews`;

    it('lets an administrator be anybody, with their rights and no more', async () => {
      const headers = { 'Impersonate-User': 'ann', 'Impersonate-Group': 'threeport:agents' };
      const { body } = await world.call('POST', WHO_AM_I, { headers, body: {} });
      expect(body.status.userInfo).to.deep.equal({
        username: 'ann',
        groups: ['threeport:agents', 'system:authenticated'],
      });
      const secrets = await world.call('GET', '/api/v1/secrets', { headers });
      expect(secrets.status).to.equal(403);
      expect(secrets.body.message).to.include('User "ann" cannot list resource "secrets"');
    });

    it('lets nobody else', async () => {
      const headers = { 'Impersonate-User': 'admin', 'Impersonate-Group': 'system:masters' };
      for (const as of ['agent', 'stranger'] as const) {
        const { status, body } = await world.call('GET', '/api', { as, headers });
        expect(status).to.equal(403);
        expect(body.message).to.equal(
          `users "admin" is forbidden: User "${as}" cannot impersonate resource "users" in API group "" at the cluster scope`,
        );
      }
    });

    it('refuses groups of nobody', async () => {
      const headers = { 'Impersonate-Group': 'system:masters' };
      expect((await world.call('GET', '/api', { headers })).status).to.equal(400);
    });
  });
});
