import { connect } from 'node:net';
import { expect } from 'chai';
import { HealthServer } from './health-server.js';

describe('HealthServer', () => {
  let health: HealthServer;
  let isLive = true;
  let isReady = true;

  beforeEach(async () => {
    isLive = true;
    isReady = true;
    health = new HealthServer({
      host: '127.0.0.1',
      port: 0,
      metrics: () => ['one 1\n', 'two 2\n'],
      isLive: () => isLive,
      isReady: () => isReady,
    });
    await health.start(new AbortController().signal);
  });
  afterEach(() => health.stop());

  const codes = async (): Promise<Record<string, number>> => {
    const paths = ['/livez', '/readyz', '/healthz'];
    const answers = await Promise.all(paths.map((path) => fetch(`${health.address}${path}`)));
    return Object.fromEntries(paths.map((path, i) => [path, answers[i]?.status ?? 0]));
  };

  it('says what is well', async () => {
    expect(await codes()).to.deep.equal({ '/livez': 200, '/readyz': 200, '/healthz': 200 });
    isReady = false;
    expect(await codes()).to.deep.equal({ '/livez': 200, '/readyz': 503, '/healthz': 503 });
    isLive = false;
    expect(await codes()).to.deep.equal({ '/livez': 503, '/readyz': 503, '/healthz': 503 });
  });

  it('tells metrics as Prometheus takes them, and nothing else', async () => {
    const answer = await fetch(`${health.address}/metrics?x=y`);
    expect(answer.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).to.equal('one 1\ntwo 2\n');
    expect((await fetch(`${health.address}/metrics`, { method: 'HEAD' })).status).to.equal(200);
    expect((await fetch(`${health.address}/`)).status).to.equal(404);
    const post = await fetch(`${health.address}/metrics`, { method: 'POST', body: 'x' });
    expect(post.status).to.equal(405);
    expect(post.headers.get('allow')).to.equal('GET, HEAD');
  });

  it('says which address it cannot have', async () => {
    const { port } = new URL(health.address);
    const other = new HealthServer({
      host: '127.0.0.1',
      port: Number(port),
      metrics: () => [],
      isLive: () => true,
      isReady: () => true,
    });
    const failed = await other.start(new AbortController().signal).catch((error: Error) => error);
    expect(String(failed)).to.contain(`127.0.0.1:${port}`);
    await other.stop();
  });

  it('stops though a client says nothing', async () => {
    const socket = connect(Number(new URL(health.address).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('GET /metrics HTTP/1.1\r\n');
    await health.stop();
    expect(health.address).to.equal('');
    socket.destroy();
  });
});
