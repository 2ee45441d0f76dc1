import { expect } from 'chai';
import type { JournalEntry } from '../../sdk/api/journal.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import type { Why } from '../../sdk/api/why.js';
import type { ClaimedObject } from '../../sdk/api/work.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import type { ControlPlane } from '../../server/control-plane.js';
import { createControlPlane } from '../../server/control-plane.js';
import { createFieldCipher } from '../../server/crypto/field-cipher.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { eventually } from '../support/eventually.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';

const NAMESPACE = '/apis/workload.threeport.io/v1alpha1/namespaces/default';
const SECRETS = '/api/v1/namespaces/default/secrets';
const INSTANCES = 'workloadinstances.workload.threeport.io';
const MERGE = 'application/merge-patch+json';
const TOKENS = [
  { token: 'admin-token-for-tests', user: 'admin', groups: ['system:masters'] },
  { token: 'worker-token-for-tests', user: 'worker', groups: ['threeport:reconcilers'] },
  { token: 'agent-token-for-tests', user: 'agent', groups: ['threeport:agents'] },
] as const;

interface Call {
  readonly as?: (typeof TOKENS)[number]['user'];
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

describe('why an object is as it is', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let plane: ControlPlane;
  let store: SqlObjectStore;
  const hints = new InProcessQueue();

  before(async () => {
    database = await testDatabase();
    store = new SqlObjectStore({ connectionString: database.url, kinds });
    plane = createControlPlane({
      registry: new KindRegistry(kinds),
      store,
      queue: hints,
      authenticator: createTokenAuthenticator(TOKENS),
      cipher: createFieldCipher(Buffer.alloc(32, 3)),
      logger: nopLogger,
      version: '0.0.0',
      listen: { host: '127.0.0.1', port: 0 },
    });
    await plane.start(new AbortController().signal);
  });
  after(async () => {
    await plane?.stop();
    await database?.drop();
  });

  async function call(method: string, path: string, { as = 'admin', ...options }: Call = {}) {
    const answer = await fetch(plane.address + path, {
      method,
      headers: {
        authorization: `Bearer ${TOKENS.find(({ user }) => user === as)?.token}`,
        'content-type': options.type ?? 'application/json',
        ...options.headers,
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }
  async function ok<Body = StoredApiObject>(...args: Parameters<typeof call>): Promise<Body> {
    const { status, text } = await call(...args);
    expect(status, text).to.be.oneOf([200, 201]);
    return JSON.parse(text) as Body;
  }
  const instance = (name: string) => ({
    apiVersion: 'workload.threeport.io/v1alpha1',
    kind: 'WorkloadInstance',
    metadata: { name },
    spec: { definition: name, runtime: 'nowhere' },
  });
  const claim = async ({ metadata }: StoredApiObject): Promise<ClaimedObject> => {
    const keys = [{ resource: INSTANCES, uid: metadata.uid }];
    const body = { worker: 'w', leaseMs: 60_000, keys };
    return eventually('it is due', async () => {
      const answer = await ok<{ claimed: ClaimedObject[] }>('POST', '/threeport/v1/claim', {
        as: 'worker',
        body,
      });
      return answer.claimed[0];
    });
  };
  const complete = ({ object, fence, cause }: ClaimedObject, status: object, message: string) =>
    ok('POST', '/threeport/v1/complete', {
      as: 'worker',
      body: {
        worker: 'w',
        completions: [
          {
            resource: INSTANCES,
            uid: object.metadata.uid,
            fence,
            failures: 0,
            status,
            attempt: {
              generation: object.metadata.generation,
              foundVersion: object.metadata.resourceVersion,
              ...(cause !== undefined && { cause }),
              startedAt: new Date().toISOString(),
              durationMs: 5,
              outcome: 'waiting',
              message,
            },
          },
        ],
      },
    });
  const ready = (status: string, reason: string) => ({
    conditions: [
      {
        type: 'Ready',
        status,
        reason,
        message: '',
        observedGeneration: 1,
        lastTransitionTime: '2026-01-02T03:04:05Z',
      },
    ],
  });

  it('is told from the request over revision, wake and attempt to what it made and ended in', async () => {
    const headers = { 'user-agent': 'kubectl/v1.35.0', 'impersonate-user': 'jane' };
    const groups = { 'impersonate-group': 'system:masters' };
    const made = await ok('POST', `${NAMESPACE}/workloadinstances`, {
      body: instance('web'),
      headers: { ...headers, ...groups },
    });
    const claimed = await claim(made);
    const report = await ok('POST', `${NAMESPACE}/workloadreports`, {
      as: 'worker',
      headers: { 'threeport-attempt': `${made.metadata.uid}/${claimed.fence}` },
      body: {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'WorkloadReport',
        metadata: {
          name: 'web',
          ownerReferences: [
            {
              apiVersion: made.apiVersion,
              kind: made.kind,
              name: 'web',
              uid: made.metadata.uid,
            },
          ],
        },
        spec: { runtime: 'nowhere' },
      },
    });
    await complete(claimed, ready('False', 'NoRuntime'), 'there is no runtime nowhere');
    const why = await ok<Why>('GET', `${NAMESPACE}/workloadinstances/web/why`);

    expect(why.objects.map(({ kind, relation }) => [kind, relation])).to.deep.equal([
      ['WorkloadInstance', 'asked'],
      ['WorkloadReport', 'owned'],
    ]);
    const attempt = { uid: made.metadata.uid, fence: claimed.fence };
    const [status, child, created] = why.revisions;
    expect(created).to.deep.include({
      resourceVersion: made.metadata.resourceVersion,
      type: 'ADDED',
    });
    expect(created?.origin).to.deep.include({
      user: 'jane',
      impersonatedBy: 'admin',
      verb: 'create',
      address: '127.0.0.1',
      userAgent: 'kubectl/v1.35.0',
    });
    expect(child).to.deep.include({ uid: report.metadata.uid, type: 'ADDED', attempt });
    expect(status).to.deep.include({
      type: 'MODIFIED',
      attempt,
      changed: ['status'],
      conditions: [{ type: 'Ready', status: 'False', reason: 'NoRuntime' }],
    });
    expect(why.attempts).to.have.length(1);
    expect(why.attempts[0]).to.deep.include({
      ...attempt,
      worker: 'w',
      outcome: 'waiting',
      message: 'there is no runtime nowhere',
      cause: { reason: 'change', resourceVersion: made.metadata.resourceVersion },
      resourceVersion: status?.resourceVersion,
    });
    expect(why.waitsFor).to.deep.include({
      resource: 'kubernetesruntimeinstances.kubernetes.threeport.io',
      kind: 'KubernetesRuntimeInstance',
      name: 'nowhere',
      by: 'spec.runtime',
      state: 'missing',
    });
    expect(why).not.to.have.property('truncated');

    // From the other end.
    const below = await ok<Why>('GET', `${NAMESPACE}/workloadreports/web/why`);
    expect(below.objects.map(({ kind, relation }) => [kind, relation])).to.deep.equal([
      ['WorkloadReport', 'asked'],
      ['WorkloadInstance', 'cause'],
    ]);
    expect(below.revisions.map((each) => each.resourceVersion)).to.deep.equal([
      child?.resourceVersion,
      created?.resourceVersion,
    ]);
    expect(below.attempts.map(({ fence }) => fence)).to.deep.equal([claimed.fence]);
    expect(below.waitedForBy).to.deep.equal([
      {
        resource: INSTANCES,
        kind: 'WorkloadInstance',
        namespace: 'default',
        name: 'web',
        by: 'metadata.ownerReferences',
        state: 'notReady',
        message: 'NoRuntime',
      },
    ]);
  });

  describe('of what was done in a cluster', () => {
    const RUNTIMES = '/apis/kubernetes.threeport.io/v1alpha1/kubernetesruntimeinstances';
    const TARGET = 'apps/v1 Deployment shop/front';
    let made: StoredApiObject;
    const effect = (fence: number, sequence: number, target = TARGET): JournalEntry => ({
      resource: INSTANCES,
      uid: made.metadata.uid,
      namespace: 'default',
      name: 'shop',
      generation: 1,
      foundVersion: made.metadata.resourceVersion,
      cause: { reason: 'change', resourceVersion: made.metadata.resourceVersion },
      fence,
      sequence,
      port: 'kube',
      place: 'elsewhere',
      nature: 'update',
      operation: 'apply',
      target,
      outcome: 'ok',
      startedAt: new Date().toISOString(),
      durationMs: 3,
    });
    before(async () => {
      made = await ok('POST', `${NAMESPACE}/workloadinstances`, { body: instance('shop') });
      const claimed = await claim(made);
      await store.journal([
        effect(claimed.fence, 1),
        effect(claimed.fence, 2, 'v1 Namespace shop'),
        effect(claimed.fence + 1, 1),
      ]);
      await complete(claimed, ready('True', 'Fine'), 'waits');
    });

    it('is told with the attempt, also with one whose end nobody knows', async () => {
      const why = await ok<Why>('GET', `${NAMESPACE}/workloadinstances/shop/why`);
      const told = why.attempts.map(({ outcome, effects }) => [
        outcome,
        effects.map(({ target }) => target).sort(),
      ]);
      expect(told).to.have.deep.members([
        ['waiting', [TARGET, 'v1 Namespace shop']],
        [undefined, [TARGET]],
      ]);
      const lost = why.attempts.find(({ outcome }) => outcome === undefined);
      expect(lost?.cause?.resourceVersion).to.equal(made.metadata.resourceVersion);
    });

    for (const [kind, namespace, name, target] of [
      ['deployment', 'shop', 'front', TARGET],
      ['deployments.apps', 'shop', 'front', TARGET],
      ['ns', 'default', 'shop', 'v1 Namespace shop'],
    ] as const) {
      it(`is found from ${kind} ${name}, up to the request`, async () => {
        const query = new URLSearchParams({ kind, namespace, name });
        const why = await ok<Why>('GET', `${RUNTIMES}/elsewhere/why?${query}`);
        const targets = why.attempts.flatMap(({ effects }) => effects.map((each) => each.target));
        expect(new Set(targets)).to.deep.equal(new Set([target]));
        expect(why.objects.map((each) => [each.kind, each.name, each.relation])).to.deep.equal([
          ['WorkloadInstance', 'shop', 'cause'],
        ]);
        expect(why.revisions.map(({ origin }) => origin?.user)).to.deep.equal(['admin']);
      });
    }

    for (const [reason, query, want] of [
      ['what nobody touched', 'kind=cm&name=x&namespace=shop', 'elsewhere" not found'],
      ['a name without a kind', 'name=x', 'want both, or neither'],
    ] as const) {
      it(`is refused of ${reason}`, async () => {
        const { status, text } = await call('GET', `${RUNTIMES}/elsewhere/why?${query}`);
        expect(status).to.be.oneOf([400, 404]);
        expect((JSON.parse(text) as { message: string }).message).to.include(want);
      });
    }

    it('is known of nothing in a cluster that is there', async () => {
      const body = {
        apiVersion: 'kubernetes.threeport.io/v1alpha1',
        kind: 'KubernetesRuntimeInstance',
        metadata: { name: 'quiet' },
        spec: { definition: 'd', kubeconfigSecret: { name: 'k', namespace: 'default' } },
      };
      await ok('POST', RUNTIMES, { body });
      const { text } = await call('GET', `${RUNTIMES}/quiet/why?kind=cm&name=x&namespace=shop`);
      expect((JSON.parse(text) as { message: string }).message).to.equal(
        'the journal knows of nothing done to cm "x" in namespace "shop" of runtime "quiet"',
      );
    });
  });

  it('names the fields that an edit changed, and no value of any', async () => {
    const secret = (password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', annotations: { note: password } },
      data: { password: Buffer.from(password).toString('base64'), user: 'amFuZQ==' },
    });
    await ok('POST', SECRETS, { body: secret('hunter2') });
    await ok('PUT', `${SECRETS}/login`, { body: secret('swordfish') });
    const { text } = await call('GET', `${SECRETS}/login/why`);
    const why = JSON.parse(text) as Why;
    expect(why.revisions[0]?.changed).to.have.members(['data.password', 'metadata.annotations']);
    for (const word of ['hunter2', 'swordfish', 'amFuZQ', 'c3dvcmRmaXNo', 'v1:']) {
      expect(text).not.to.include(word);
    }
  });

  it('is known of what was deleted, too', async () => {
    await ok('POST', SECRETS, { body: { metadata: { name: 'gone' } } });
    await ok('DELETE', `${SECRETS}/gone`);
    const why = await ok<Why>('GET', `${SECRETS}/gone/why`);
    expect(why.objects).to.have.length(1);
    expect(why.objects[0]).to.include({ name: 'gone', deleted: true });
    expect(why.revisions.map(({ type, origin }) => [type, origin?.verb])).to.deep.equal([
      ['DELETED', 'delete'],
      ['ADDED', 'create'],
    ]);
  });

  it('is as long as asked for, and says when there is more', async () => {
    await ok('POST', SECRETS, { body: { metadata: { name: 'long' } } });
    for (let i = 0; i < 5; i++) {
      await ok('PATCH', `${SECRETS}/long`, {
        type: MERGE,
        body: { metadata: { labels: { turn: `${i}` } } },
      });
    }
    const two = await ok<Why>('GET', `${SECRETS}/long/why?limit=2`);
    expect(two.revisions.map(({ changed }) => changed)).to.deep.equal([
      ['metadata.labels'],
      ['metadata.labels'],
    ]);
    expect(two.truncated).to.equal(true);
    const since = encodeURIComponent(two.revisions[1]?.at ?? '');
    const newest = await ok<Why>('GET', `${SECRETS}/long/why?since=${since}`);
    expect(newest.revisions[1]).to.deep.equal(two.revisions[1]);
    const none = await ok<Why>('GET', `${SECRETS}/long/why?since=2100-01-01T00:00:00Z`);
    expect(none.revisions).to.deep.equal([]);
  });

  describe('is refused', () => {
    for (const { reason, method = 'GET', path, as, want } of [
      { reason: 'of nothing', path: `${SECRETS}/nobody/why`, want: 'secrets "nobody" not found' },
      {
        reason: 'of what is only asked and never stored',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x/why',
        want: 'could not find the requested resource',
      },
      { reason: 'a limit of 0', path: `${SECRETS}/x/why?limit=0`, want: 'limit: want a whole' },
      { reason: 'a large limit', path: `${SECRETS}/x/why?limit=1e9`, want: 'limit: want a whole' },
      { reason: 'no time', path: `${SECRETS}/x/why?since=then`, want: 'since: want a time' },
      { reason: 'a write', method: 'PUT', path: `${SECRETS}/x/why`, want: 'does not allow this' },
      {
        reason: 'to who may read, and not ask why',
        as: 'agent',
        path: `${NAMESPACE}/workloadinstances/web/why`,
        want: 'User "agent" cannot get resource "workloadinstances/why"',
      },
    ] as const) {
      it(reason, async () => {
        const answer = await call(method, path, {
          ...(as !== undefined && { as }),
          ...(method === 'PUT' && { body: {} }),
        });
        expect(answer.status).to.be.within(400, 405);
        expect((JSON.parse(answer.text) as { message: string }).message).to.include(want);
      });
    }
  });
});
