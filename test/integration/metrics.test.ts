import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const LINE =
  /^(?:# (?:HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(?:\{[a-zA-Z_]+="[^"\n]*"(?:,[a-zA-Z_]+="[^"\n]*")*\})? -?[0-9.e+-]+)$/;

describe('metrics', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let world: ApiWorld;

  before(async () => {
    database = await testDatabase();
    world = await startApiWorld({
      store: new SqlObjectStore({ connectionString: database.url, kinds }),
      authenticator: createTokenAuthenticator([
        { token: 'admin-token-for-tests', user: 'admin', groups: ['system:masters'] },
        { token: 'agent-token-for-tests', user: 'prometheus', groups: ['system:monitoring'] },
        { token: 'x'.repeat(20), user: 'stranger', groups: [] },
      ]),
    });
  });
  after(async () => {
    await world?.stop();
    await database?.drop();
  });

  async function scrape(): Promise<string> {
    const { status, headers, body } = await world.call('GET', '/metrics');
    expect(status).to.equal(200);
    expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
    return String(body);
  }

  /** The value of the series whose labels include all of these; 0 when there is none. */
  async function valueOf(name: string, ...labels: readonly string[]): Promise<number> {
    const lines = (await scrape()).split('\n').filter((line) => {
      return /^[a-z0-9_]+/.exec(line)?.[0] === name && labels.every((one) => line.includes(one));
    });
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  it('are text that Prometheus can read', async () => {
    await world.call('GET', MAPS);
    const lines = (await scrape()).trimEnd().split('\n');
    expect(lines.filter((line) => !LINE.test(line))).to.deep.equal([]);
    const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size, 'each metric once').to.equal(names.length);
    expect(names).to.include.members([
      'apiserver_request_total',
      'apiserver_request_duration_seconds',
      'apiserver_longrunning_requests',
      'apiserver_current_inflight_requests',
      'apiserver_watch_events_total',
      'threeport_store_statements_total',
      'threeport_store_commits_total',
      'nodejs_eventloop_lag_seconds',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ]);
  });

  const requests: readonly (readonly [
    method: string,
    path: string,
    labels: readonly string[],
    options?: { readonly body?: unknown; readonly type?: string },
  ])[] = [
    ['GET', `${MAPS}/none`, ['verb="GET"', 'scope="resource"', 'code="404"']],
    ['GET', MAPS, ['verb="LIST"', 'scope="namespace"', 'code="200"']],
    ['GET', '/api/v1/configmaps', ['verb="LIST"', 'scope="cluster"', 'code="200"']],
    ['POST', MAPS, ['verb="POST"', 'code="201"'], { body: { metadata: { name: 'm' } } }],
    [
      'PATCH',
      `${MAPS}/m?fieldManager=t`,
      ['verb="APPLY"', 'code="200"'],
      {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } },
        type: 'application/apply-patch+yaml',
      },
    ],
    ['DELETE', MAPS, ['verb="DELETECOLLECTION"', 'code="200"']],
  ];
  for (const [method, path, labels, options] of requests) {
    it(`count ${method} ${path} as ${labels.join(' ')}`, async () => {
      const series = ['resource="configmaps"', ...labels] as const;
      const before = await valueOf('apiserver_request_total', ...series);
      await world.call(method, path, options);
      await eventually('it is counted', async () => {
        return (await valueOf('apiserver_request_total', ...series)) === before + 1;
      });
    });
  }

  it('name no object, no namespace, no user and no path that is not there', async () => {
    const text = await scrape();
    for (const path of [`${MAPS}/secret-name/sub-name`, '/made/up-path', '/api/v1/madeup/x']) {
      await world.call('GET', path);
    }
    await world.call('GET', '/apis/made.up/v1/namespaces/any-namespace/things/x');
    for (const word of ['secret-name', 'sub-name', 'made', 'any-namespace', 'admin']) {
      expect(await scrape()).not.to.include(word);
    }
    expect(text).not.to.include('default');
  });

  it('show open watches and what was sent to them', async () => {
    const watch = world.watch(`${MAPS}?watch=1&resourceVersion=0`);
    await eventually('it is open', async () => {
      return (await valueOf('apiserver_longrunning_requests', 'resource="configmaps"')) === 1;
    });
    const before = await valueOf('apiserver_watch_events_total', 'kind="ConfigMap"');
    await world.call('POST', MAPS, { body: { metadata: { name: 'seen' } } });
    await world.call('DELETE', `${MAPS}/seen`);
    await eventually('two events', () => watch.events.length >= 2);
    expect(await valueOf('apiserver_watch_events_total', 'kind="ConfigMap"')).to.equal(before + 2);
    watch.stop();
    await eventually('it is closed', async () => {
      return (await valueOf('apiserver_longrunning_requests', 'resource="configmaps"')) === 0;
    });
  });

  it('show the statements and commits of a write', async () => {
    const commits = await valueOf('threeport_store_commits_total');
    const writes = await valueOf('threeport_store_statements_total', 'type="write"');
    await world.call('POST', MAPS, { body: { metadata: { name: 'one' } } });
    expect(await valueOf('threeport_store_commits_total')).to.be.at.least(commits + 1);
    const now = await valueOf('threeport_store_statements_total', 'type="write"');
    expect(now).to.be.at.least(writes + 1);
    expect(await valueOf('threeport_store_connections', 'state="open"')).to.be.at.least(1);
  });

  it('are for administrators and for those who monitor, who get nothing else', async () => {
    expect((await world.call('GET', '/metrics', { as: '' })).status).to.equal(401);
    expect((await world.call('GET', '/metrics', { as: 'stranger' })).status).to.equal(403);
    expect((await world.call('GET', '/metrics', { as: 'agent' })).status).to.equal(200);
    expect((await world.call('GET', MAPS, { as: 'agent' })).status).to.equal(403);
    expect((await world.call('POST', '/metrics', { body: {} })).status).to.equal(405);
  });
});
