import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { isApiError } from '../sdk/api/errors.js';
import { createClient, type Client } from './index.js';

const WORKLOADS = 'workloads.workload.threeport.io';
const ROOT = '/apis/workload.threeport.io/v1alpha1';
const web = {
  apiVersion: 'workload.threeport.io/v1alpha1',
  kind: 'Workload',
  metadata: { name: 'web', namespace: 'team' },
};

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => void;

describe('client', () => {
  const seen: Seen[] = [];
  let answer: Answer;
  let client: Client;
  let close: () => void;

  beforeEach(async () => {
    seen.length = 0;
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      answer(request, response, seen.length);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = createClient({ server: `http://127.0.0.1:${port}`, token: 't', timeoutMs: 5_000 });
    close = () => {
      client.close();
      server.closeAllConnections();
      server.close();
    };
  });
  afterEach(() => close());

  const json = (body: unknown, code = 200): Answer => {
    return (_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
  };
  const errorOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );

  const requests: { name: string; call: () => Promise<unknown>; want: string }[] = [
    {
      name: 'get',
      call: () => client.get(WORKLOADS, { namespace: 'team', name: 'web' }),
      want: `GET ${ROOT}/namespaces/team/workloads/web`,
    },
    {
      name: 'get of a core kind in the default namespace',
      call: () => client.get('secrets', { name: 's' }),
      want: 'GET /api/v1/namespaces/default/secrets/s',
    },
    {
      name: 'get of a cluster-scoped kind',
      call: () =>
        client.get('kubernetesruntimeinstances.kubernetes.threeport.io', {
          namespace: 'ignored',
          name: 'r',
        }),
      want: 'GET /apis/kubernetes.threeport.io/v1alpha1/kubernetesruntimeinstances/r',
    },
    {
      name: 'create',
      call: () => client.create(web, { fieldManager: 'me', dryRun: true }),
      want: `POST ${ROOT}/namespaces/team/workloads?dryRun=All&fieldManager=me`,
    },
    {
      name: 'apply',
      call: () => client.apply(web, { fieldManager: 'me', force: true }),
      want: `PATCH ${ROOT}/namespaces/team/workloads/web?fieldManager=me&force=true`,
    },
    {
      name: 'update of the status',
      call: () => client.update(web, { subresource: 'status' }),
      want: `PUT ${ROOT}/namespaces/team/workloads/web/status`,
    },
    {
      name: 'delete',
      call: () => client.delete(WORKLOADS, { namespace: 'team', name: 'a/b' }, { uid: 'u' }),
      want: `DELETE ${ROOT}/namespaces/team/workloads/a%2Fb`,
    },
  ];
  for (const { name, call, want } of requests) {
    it(`${name} asks ${want}`, async () => {
      answer = json(web);
      await call();
      expect(seen[0]?.line).to.equal(want);
      expect(seen[0]?.headers).to.include({
        authorization: 'Bearer t',
        accept: 'application/json',
      });
    });
  }

  it('follows the pages of a list and gives items their kind', async () => {
    answer = (request, response, times) => {
      const metadata = { resourceVersion: '7', continue: times === 1 ? 'more' : '' };
      const items = [{ metadata: { name: `w${times}` } }];
      json({ apiVersion: web.apiVersion, metadata, items })(request, response, times);
    };
    const list = await client.list(WORKLOADS, { labelSelector: 'a=b' });
    expect(list.items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).to.deep.equal([
      'Workload w1',
      'Workload w2',
    ]);
    expect(list.resourceVersion).to.equal('7');
    expect(seen.map(({ line }) => line)).to.deep.equal([
      `GET ${ROOT}/workloads?labelSelector=a%3Db&limit=500`,
      `GET ${ROOT}/workloads?labelSelector=a%3Db&limit=500&continue=more`,
    ]);
  });

  it('reads several objects with one call, which is made again when the connection breaks', async () => {
    const objects = [web, null];
    answer = (request, response, times) => {
      if (times === 1) request.socket.destroy();
      else json({ objects })(request, response, times);
    };
    const keys = ['web', 'gone'].map((name) => ({ resource: WORKLOADS, namespace: 'team', name }));
    expect(await client.read({ keys })).to.deep.equal({ objects });
    expect(seen.map(({ line, body }) => ({ line, body: JSON.parse(body) }))).to.deep.equal([
      { line: 'POST /threeport/v1/read', body: { keys } },
      { line: 'POST /threeport/v1/read', body: { keys } },
    ]);
  });

  it('turns a Status into the error that it says, and NotFound into undefined for find', async () => {
    answer = json({ kind: 'Status', reason: 'NotFound', message: 'no such', code: 404 }, 404);
    const key = { name: 'web' };
    expect(await errorOf(client.get(WORKLOADS, key))).to.include({
      reason: 'NotFound',
      message: 'no such',
    });
    expect(await client.find(WORKLOADS, key)).to.equal(undefined);
  });

  it('tries a read again when the connection breaks, but no create', async () => {
    answer = (request, response, times) => {
      if (times % 2 === 1) request.socket.destroy();
      else json(web)(request, response, times);
    };
    await client.get(WORKLOADS, { name: 'web' });
    expect(seen).to.have.length(2);
    const error = await errorOf(client.create(web));
    expect(isApiError(error, 'ServiceUnavailable')).to.equal(true);
    expect(seen).to.have.length(3);
  });

  it('says which server cannot be reached', async () => {
    close();
    const error = await errorOf(client.create(web));
    expect(String(error)).to.match(/cannot reach http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
  });

  it('gives up after the time limit, and when told to', async () => {
    answer = () => undefined;
    const slow = await errorOf(client.get(WORKLOADS, { name: 'web' }, { timeoutMs: 50 }));
    expect(slow).to.include({ reason: 'Timeout' });
    const abort = new AbortController();
    const call = client.get(WORKLOADS, { name: 'web' }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    expect(String(await errorOf(call))).to.equal('Error: enough');
  });

  it('decodes a watch line by line, however it is cut, and ends with the server', async () => {
    answer = (_request, response) => {
      const text = ['ADDED', 'MODIFIED']
        .map((type) => `${JSON.stringify({ type, object: { metadata: { name: 'wéb' } } })}\n`)
        .join('');
      const bytes = Buffer.from(text);
      const cut = bytes.indexOf(0xc3) + 1;
      response.write(bytes.subarray(0, cut));
      setTimeout(() => response.end(bytes.subarray(cut)), 10);
    };
    const events: string[] = [];
    for await (const { type, object } of client.watch(WORKLOADS, { resourceVersion: '3' })) {
      events.push(`${type} ${object.metadata.name}`);
    }
    expect(events).to.deep.equal(['ADDED wéb', 'MODIFIED wéb']);
    expect(seen[0]?.line).to.equal(`GET ${ROOT}/workloads?watch=true&resourceVersion=3`);
  });

  it('throws what an ERROR event says', async () => {
    const status = { kind: 'Status', reason: 'Expired', message: 'too old', code: 410 };
    answer = (_request, response) =>
      void response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    const events = client.watch(WORKLOADS)[Symbol.asyncIterator]();
    expect(await errorOf(events.next())).to.include({ reason: 'Expired', message: 'too old' });
  });

  it('stops a watch when told to', async () => {
    answer = (_request, response) => void response.write('\n');
    const abort = new AbortController();
    const events = client.watch(WORKLOADS, { signal: abort.signal })[Symbol.asyncIterator]();
    const next = events.next();
    setTimeout(() => abort.abort(), 20);
    expect(await errorOf(next)).to.have.property('name', 'AbortError');
  });

  it('refuses a server that is no URL and a kind that it does not know', async () => {
    expect(() => createClient({ server: 'localhost:80' })).to.throw('is no http or https URL');
    const unknown = { ...web, kind: 'Wrkload' };
    expect(String(await errorOf(client.create(unknown)))).to.contain('no kind Wrkload');
  });
});
