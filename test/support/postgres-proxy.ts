import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PostgresMessages, errorMessage, queryMessage, readyMessage } from './postgres-messages.js';

/**
 * What the n-th statement from now on is answered. 40001 and 40P01 `after`: it ran, and was rolled
 * back, as the database does. 57P01 and 08006 (a cut connection) `after`: it took effect, and nobody
 * is told.
 */
export interface StatementFault {
  readonly nth: number;
  readonly when: 'before' | 'after';
  readonly code: '40001' | '40P01' | '57P01' | '08006';
}

const TEXTS = {
  '40001': 'could not serialize access due to concurrent update',
  '40P01': 'deadlock detected',
  '57P01': 'terminating connection due to administrator command',
  '08006': 'connection failure',
};

/** A way to a PostgreSQL on which statements fail one by one. */
export class PostgresProxy {
  /** How many statements came since `arm`; what sets up a connection does not count. */
  count = 0;
  /** The text of the statement that failed. */
  failed: string | undefined;
  readonly #socketPath: string;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  #fault: StatementFault | undefined;

  /** `url` is that of a database reached by a unix socket. */
  constructor(url: string) {
    const folder = new URL(url.replace('@/', '@localhost/')).searchParams.get('host') ?? '';
    this.#socketPath = `${folder}/.s.PGSQL.5432`;
  }

  /** The URL of the same database by way of this. */
  async start(url: string): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return url.replace('@/', `@127.0.0.1:${port}/`).replace(/\?.*/, '');
  }

  arm(fault?: StatementFault): void {
    this.count = 0;
    this.failed = undefined;
    this.#fault = fault;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(this.#socketPath);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    new Session(client, server, (text) => this.#faultOf(text)).follow();
  }

  #faultOf(text: string): StatementFault | undefined {
    if (text.startsWith('SET ')) return undefined;
    this.count += 1;
    if (this.count !== this.#fault?.nth) return undefined;
    this.failed = text;
    return this.#fault;
  }
}

/** One connection. A unit is what a client sends before it waits: a query, or all up to a sync. */
class Session {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faultOf: (text: string) => StatementFault | undefined;
  readonly #texts = new Map<string, string>();
  /** Takes the server's messages instead of the client. */
  #taker: ((type: string, message: Buffer) => void) | undefined;
  /** Of the server's last ReadyForQuery: I, T or E. */
  #state = 'I';
  #unit: Buffer[] = [];
  #text = '';

  constructor(
    client: Socket,
    server: Socket,
    faultOf: (text: string) => StatementFault | undefined,
  ) {
    this.#client = client;
    this.#server = server;
    this.#faultOf = faultOf;
  }

  follow(): void {
    const [client, server] = [this.#client, this.#server];
    const fromClient = new PostgresMessages({ hasStartup: true });
    const fromServer = new PostgresMessages({ hasStartup: false });
    client.on('data', (chunk) => {
      for (const { type, bytes } of fromClient.add(chunk)) this.#sent(type, bytes);
    });
    server.on('data', (chunk) => {
      for (const { type, bytes } of fromServer.add(chunk)) {
        if (type === 'Z') this.#state = String.fromCharCode(bytes[5] ?? 0);
        if (this.#taker === undefined) client.write(bytes);
        else this.#taker(type, bytes);
      }
    });
  }

  #sent(type: string, bytes: Buffer): void {
    if (type === '' || type === 'X' || type === 'p') return void this.#server.write(bytes);
    this.#unit.push(bytes);
    this.#note(type, bytes);
    if (type !== 'Q' && type !== 'S') return;
    const unit = Buffer.concat(this.#unit);
    this.#unit = [];
    const fault = this.#faultOf(this.#text);
    if (fault === undefined) this.#server.write(unit);
    else void this.#fail(fault, unit, this.#text);
  }

  /** What the statement says: a query's text, or that of the prepared one that is bound. */
  #note(type: string, bytes: Buffer): void {
    const [first = '', second = ''] = bytes.subarray(5).toString('utf8').split('\0', 2);
    if (type === 'Q') this.#text = first;
    if (type === 'P') this.#texts.set(first, second);
    if (type === 'B') this.#text = this.#texts.get(second) ?? '';
  }

  async #fail(fault: StatementFault, unit: Buffer, text: string): Promise<void> {
    const isRollback = fault.code === '40001' || fault.code === '40P01';
    if (fault.when === 'after') {
      if (!isRollback) await this.#run(unit);
      else if (text === 'COMMIT') await this.#run(queryMessage('ROLLBACK'));
      else if (!text.startsWith('BEGIN')) await this.#runAndRollBack(unit);
    }
    if (fault.code === '08006') return void this.#client.destroy();
    const severity = isRollback ? 'ERROR' : 'FATAL';
    this.#client.write(errorMessage(severity, fault.code, TEXTS[fault.code]));
    if (isRollback) this.#client.write(readyMessage(this.#state === 'I' ? 'I' : 'E'));
    else this.#client.end();
  }

  async #runAndRollBack(unit: Buffer): Promise<void> {
    const isAlone = this.#state === 'I';
    if (isAlone) await this.#run(queryMessage('BEGIN'));
    await this.#run(unit);
    if (isAlone) await this.#run(queryMessage('ROLLBACK'));
  }

  /** Sends it and swallows the answer, but that a statement is prepared: that no rollback undoes. */
  async #run(unit: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#taker = (type, bytes) => {
        if (type === '1') this.#client.write(bytes);
        if (type === 'Z') resolve();
      };
      this.#server.write(unit);
    });
    this.#taker = undefined;
  }
}
