import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What a balancer in front of several servers is to those who use them. */
export interface TcpRelay {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Cuts every connection: the next ones go to the first again. */
  cut(): void;
  close(): Promise<void>;
}

/** Passes each connection on to the first of these ports of 127.0.0.1 that takes it. */
export async function startTcpRelay(ports: readonly number[]): Promise<TcpRelay> {
  const open = new Set<Socket>();
  const track = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
  };
  const passOn = (client: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined) return void client.destroy();
    const server = connect(port, '127.0.0.1');
    track(server);
    const refused = (): void => passOn(client, others);
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      client.pipe(server).pipe(client);
      server.on('close', () => client.destroy());
      client.on('close', () => server.destroy());
    });
  };
  const relay = createServer({ pauseOnConnect: true }, (client) => {
    track(client);
    passOn(client, ports);
  });
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    cut,
    async close() {
      cut();
      relay.close();
      await once(relay, 'close');
    },
  };
}
