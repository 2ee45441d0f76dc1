import { expect } from 'chai';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { choosePorts, freePort } from './ports.js';
import type { Ports } from './settings.js';

const ALL = ['api', 'sandbox', 'nats'] as const;

describe('choosePorts', () => {
  let holder: Server;
  let taken: number;
  let free: Ports;

  beforeEach(async () => {
    holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    taken = (holder.address() as AddressInfo).port;
    free = { api: await freePort(), sandbox: await freePort(), nats: await freePort() };
  });
  afterEach(() => holder.close());

  it('prefers what is asked for to what is remembered', async () => {
    const api = await freePort();
    expect(await choosePorts({ api }, free, ALL)).to.deep.equal({ ...free, api });
  });

  it('gives for 0 the remembered port while that is free, else another', async () => {
    expect((await choosePorts({ api: 0 }, free, ALL)).api).to.equal(free.api);
    const instead = await choosePorts({ api: 0 }, { ...free, api: taken }, ALL);
    expect(instead.api).not.to.equal(taken);
    expect(instead.api).to.be.greaterThan(0);
  });

  it('does not mind a port that no part will use', async () => {
    const ports = await choosePorts({}, { ...free, nats: taken }, ['api', 'sandbox']);
    expect(ports.nats).to.equal(taken);
  });

  const refused = [
    { name: 'a port in use', asked: () => ({ nats: taken }), want: /nats-server wants, is in use/ },
    { name: 'one port for two', asked: () => ({ api: free.nats }), want: /the ports must differ/ },
  ];
  for (const { name, asked, want } of refused) {
    it(`refuses ${name}`, async () => {
      const error: unknown = await choosePorts(asked(), free, ALL).catch((e: unknown) => e);
      expect(String(error)).to.match(want);
    });
  }
});
