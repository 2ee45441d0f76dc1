import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import type { ClientOptions } from '../../../client/client-types.js';
import { HEAD_END, headersOf, openSocket } from './connection.js';

const NEWLINE = 0x0a;

/** A watch that only counts what comes. */
export class Watcher {
  readonly #socket: TLSSocket;
  /** Of the line before a chunk that has come so far. */
  #line = '';
  #leftOfChunk = 0;
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
    watcher.#count(head.subarray(head.indexOf(HEAD_END) + HEAD_END.length));
    return watcher;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Takes the chunks apart: every event ends in a newline, and JSON has no bare one. */
  #count(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#leftOfChunk > 0) {
        const data = bytes.subarray(at, at + this.#leftOfChunk);
        for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, end + 1)) {
          this.events += 1;
        }
        this.#leftOfChunk -= data.length;
        at += data.length;
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end);
      if (end < 0) return;
      const size = parseInt(this.#line, 16);
      if (size > 0) this.#leftOfChunk = size;
      this.#line = '';
      at = end + 1;
    }
  }
}
