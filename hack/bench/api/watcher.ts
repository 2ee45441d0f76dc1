import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import type { ClientOptions } from '../../../client/client-types.js';
import { headersOf, openSocket } from './connection.js';

const BRACE = 0x7d;
const NEWLINE = 0x0a;

/** A watch that only counts what comes. */
export class Watcher {
  readonly #socket: TLSSocket;
  #isLastBrace = false;
  /** Events so far. */
  events = 0;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#count(chunk));
    socket.on('error', () => undefined);
    // Reading its head has paused it.
    socket.resume();
  }

  /** Follows a collection from now on. @throws Error when that is refused. */
  static async open(options: ClientOptions, path: string): Promise<Watcher> {
    const socket = await openSocket(options);
    socket.write(`GET ${path} HTTP/1.1\r\n${headersOf(options)}\r\n`);
    await once(socket, 'readable');
    const head = socket.read() as Buffer;
    if (head.toString('latin1', 9, 12) !== '200') throw new Error(head.toString());
    const watcher = new Watcher(socket);
    watcher.#count(head);
    return watcher;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Every event ends in a brace and a newline; nothing else does, for JSON has no bare newline. */
  #count(chunk: Buffer): void {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      const isAfterBrace = at === 0 ? this.#isLastBrace : chunk[at - 1] === BRACE;
      if (isAfterBrace) this.events += 1;
    }
    this.#isLastBrace = chunk.at(-1) === BRACE;
  }
}
