import { connect, type TLSSocket } from 'node:tls';
import type { ClientOptions } from '../../../client/client-types.js';

const TIMEOUT_MS = 30_000;
export const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * One keep-alive connection that carries one request at a time. It reads no more of an answer than it
 * must to see its end: what is measured is the server, and a client of Node's own takes as much CPU.
 */
export class Connection {
  readonly #socket: TLSSocket;
  readonly #headers: string;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Where the answer ends; Infinity when its last chunk says so; undefined before its head is here. */
  #end: number | undefined;
  #done: ((answer: Buffer | Error) => void) | undefined;

  private constructor(socket: TLSSocket, options: ClientOptions) {
    this.#socket = socket;
    this.#headers = headersOf(options);
    socket.setNoDelay(true);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#done?.(error));
    socket.on('close', () => this.#done?.(new Error('the server closed the connection')));
  }

  static async open(options: ClientOptions): Promise<Connection> {
    const socket = await openSocket(options);
    return new Connection(socket, options);
  }

  /** The head and body of the answer. @throws Error when it is no success. */
  async send(method: string, path: string, body = ''): Promise<Buffer> {
    const length = Buffer.byteLength(body);
    const content =
      body === '' ? '' : `content-type: application/json\r\ncontent-length: ${length}\r\n`;
    const answer = await new Promise<Buffer | Error>((resolve) => {
      this.#done = resolve;
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#headers}${content}\r\n${body}`);
    });
    this.#done = undefined;
    if (answer instanceof Error) throw new Error(`${method} ${path}`, { cause: answer });
    if (answer.toString('latin1', 9, 10) !== '2') {
      throw new Error(`${method} ${path}: ${answer.toString('utf8')}`);
    }
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#end ??= this.#endOfAnswer();
    if (this.#end === undefined) return;
    const isWhole = this.#end === Infinity ? this.#hasLastChunk() : this.#length >= this.#end;
    if (!isWhole) return;
    const answer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    this.#end = undefined;
    this.#done?.(answer);
  }

  /** It may have come in two pieces. */
  #hasLastChunk(): boolean {
    const end = Buffer.concat(this.#chunks.slice(-LAST_CHUNK.length));
    return end.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  }

  #endOfAnswer(): number | undefined {
    const start = Buffer.concat(this.#chunks);
    const at = start.indexOf(HEAD_END);
    if (at < 0) return undefined;
    const length = /\r\ncontent-length: *(\d+)/i.exec(start.toString('latin1', 0, at))?.[1];
    return length === undefined ? Infinity : at + HEAD_END.length + Number(length);
  }
}

/** The head lines that every request has: who asks, and whom. */
export function headersOf({ server, token }: ClientOptions): string {
  const credential = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
  return `host: ${new URL(server).host}\r\naccept: application/json\r\n${credential}`;
}

export function openSocket(options: ClientOptions): Promise<TLSSocket> {
  const { server, ca, cert, key, insecure } = options;
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      rejectUnauthorized: insecure !== true,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
