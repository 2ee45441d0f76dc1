/** One message of PostgreSQL's protocol; `type` is '' for the one that opens a connection. */
export interface PostgresMessage {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Puts chunks together to messages. */
export class PostgresMessages {
  #rest = Buffer.alloc(0);
  #hasStartup: boolean;

  constructor({ hasStartup }: { readonly hasStartup: boolean }) {
    this.#hasStartup = hasStartup;
  }

  add(chunk: Buffer): PostgresMessage[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: PostgresMessage[] = [];
    for (;;) {
      const typeBytes = this.#hasStartup ? 0 : 1;
      if (this.#rest.length < typeBytes + 4) return messages;
      const length = typeBytes + this.#rest.readUInt32BE(typeBytes);
      if (this.#rest.length < length) return messages;
      const bytes = this.#rest.subarray(0, length);
      messages.push({ type: bytes.subarray(0, typeBytes).toString('latin1'), bytes });
      this.#rest = this.#rest.subarray(length);
      this.#hasStartup = false;
    }
  }
}

export function queryMessage(text: string): Buffer {
  return message('Q', Buffer.from(`${text}\0`));
}

export function errorMessage(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${text}\0\0`));
}

/** `I` outside of a transaction, `E` in one that failed. */
export function readyMessage(state: 'I' | 'E'): Buffer {
  return message('Z', Buffer.from(state));
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
