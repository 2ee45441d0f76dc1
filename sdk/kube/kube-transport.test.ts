import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import nock from 'nock';
import { ApiError, isApiError } from '../api/errors.js';
import type { KubeTransport } from './kube-transport.js';
import { createKubeTransport } from './kube-transport.js';

describe('KubeTransport', () => {
  let server: Server;
  let transport: KubeTransport;

  // While nock is there, even real connections are not kept.
  before(() => nock.restore());

  async function serve(listener: RequestListener): Promise<void> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    transport = createKubeTransport(
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}/prefix` } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    );
  }

  afterEach(async () => {
    transport.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const reasonOf = async (call: Promise<unknown>): Promise<unknown> => {
    const error = await call.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    return isApiError(error) ? error.reason : error;
  };
  const collect = async (lines: AsyncIterable<object>, into: object[]): Promise<void> => {
    for await (const line of lines) into.push(line);
  };

  it('keeps the connection and the path in front', async () => {
    const seen: string[] = [];
    const ports = new Set<number>();
    await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      ports.add(request.socket.remotePort ?? 0);
      response.setHeader('content-type', 'application/json');
      response.end('{"a":1}');
    });
    for (let call = 0; call < 3; call++) {
      const answer = await transport.request({ method: 'GET', path: '/version' });
      expect(answer).to.deep.equal({ statusCode: 200, body: { a: 1 } });
    }
    expect(seen).to.deep.equal(Array(3).fill('GET /prefix/version'));
    expect(ports.size).to.equal(1);
  });

  it('sends a read again, and no write, when a kept connection was closed', async () => {
    let requests = 0;
    await serve((request, response) => {
      requests++;
      // The second request on a connection meets its end.
      const count = ((request.socket as { count?: number }).count ?? 0) + 1;
      (request.socket as { count?: number }).count = count;
      if (count === 2) request.socket.destroy();
      else response.end('fine');
    });
    await transport.request({ method: 'GET', path: '/a' });
    expect((await transport.request({ method: 'GET', path: '/b' })).body).to.equal('fine');
    expect(requests).to.equal(3);
    const write = transport.request({ method: 'POST', path: '/c', body: {} });
    expect(await reasonOf(write)).to.equal('ServiceUnavailable');
  });

  it('gives up after the time limit, and when aborted', async () => {
    await serve(() => undefined);
    const call = transport.request({ method: 'GET', path: '/slow', timeoutMs: 30 });
    expect(await reasonOf(call)).to.equal('Timeout');
    const stop = new Error('stop');
    const abort = new AbortController();
    const aborted = transport.request({ method: 'GET', path: '/', signal: abort.signal });
    abort.abort(stop);
    expect(await reasonOf(aborted)).to.equal(stop);
  });

  it('limits the body too', async () => {
    await serve((_request, response) => void response.write('{'));
    const call = transport.request({ method: 'GET', path: '/', timeoutMs: 50 });
    expect(await reasonOf(call)).to.equal('Timeout');
  });

  it('parses a stream line by line, over chunks of any size', async () => {
    await serve((_request, response) => {
      const bytes = Buffer.from('{"n":"ü"}\n\n{"n":2}\n{"cut":');
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    const lines: object[] = [];
    const { signal } = new AbortController();
    await collect(transport.stream('/watch', { signal, idleTimeoutMs: 1_000 }), lines);
    expect(lines).to.deep.equal([{ n: 'ü' }, { n: 2 }]);
  });

  it('fails a stream that is idle, refused or aborted', async () => {
    await serve((request, response) => {
      if (request.url?.endsWith('/gone')) response.writeHead(410).end();
      else response.write('{"n":1}\n');
    });
    const { signal } = new AbortController();
    const lines: object[] = [];
    const idle = transport.stream('/watch', { signal, idleTimeoutMs: 60 });
    expect(await reasonOf(collect(idle, lines))).to.equal('Timeout');
    expect(lines).to.deep.equal([{ n: 1 }]);
    const gone = transport.stream('/gone', { signal, idleTimeoutMs: 1_000 });
    expect(await reasonOf(collect(gone, []))).to.equal('Expired');
    const abort = new AbortController();
    const watch = transport.stream('/watch', { signal: abort.signal, idleTimeoutMs: 5_000 });
    const stop = new Error('stop');
    for await (const _line of watch) break;
    const again = transport.stream('/watch', { signal: abort.signal, idleTimeoutMs: 5_000 });
    const ended = reasonOf(collect(again, []));
    abort.abort(stop);
    expect(await ended).to.equal(stop);
  });

  it('closes the connection when the consumer leaves the loop', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    await serve((request, response) => {
      closed = once(request.socket, 'close');
      response.write('{"n":1}\n');
    });
    const { signal } = new AbortController();
    const stream = transport.stream('/watch', { signal, idleTimeoutMs: 5_000 });
    for await (const _line of stream) break;
    await closed;
  });
});

describe('createKubeTransport', () => {
  it('refuses a certificate that is none before it is used', () => {
    const secret = 'hidden-key';
    const pem = Buffer.from(`-----BEGIN CERTIFICATE-----\n${secret}`).toString('base64');
    const kubeconfig = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { 'client-certificate-data': pem, 'client-key-data': pem } }],
    });
    expect(() => createKubeTransport(kubeconfig))
      .to.throw(ApiError, /`client-certificate-data` with `client-key-data` is no usable PEM/)
      .with.property('reason', 'Invalid');
  });
});
