import https from 'node:https';
import { cpuMsOf } from '../proc.js';
import type { Target } from './target.js';
import { widget, WIDGETS } from './target.js';

/** What was done in one phase against one target. */
export interface Outcome {
  readonly operations: number;
  readonly perSecond: number;
  /** Of all its processes, for one operation. */
  readonly cpuMsEach: number;
  readonly p99Ms: number;
}

export type Operation = 'create' | 'update' | 'get' | 'list';

/** Clients in closed loops: each sends the next request when the one before is answered. */
export class Load {
  readonly #target: Target;
  readonly #agent: https.Agent;
  #made = 0;

  constructor(target: Target) {
    this.#target = target;
    const { ca, cert, key, insecure } = target.access;
    this.#agent = new https.Agent({
      keepAlive: true,
      maxSockets: 64,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(insecure === true && { rejectUnauthorized: false }),
    });
  }

  /** How many widgets there are. */
  get made(): number {
    return this.#made;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Creates widgets, 64 at a time, until there are so many. */
  async fill(count: number): Promise<void> {
    const one = async (): Promise<void> => {
      while (this.#made < count) await this.#create();
    };
    await Promise.all(Array.from({ length: 64 }, one));
  }

  async run(operation: Operation, clients: number, phaseMs: number): Promise<Outcome> {
    const times: number[] = [];
    const cpuBeforeMs = cpuMsOf(this.#target.pids());
    const startedAt = performance.now();
    const loop = async (_: unknown, index: number): Promise<void> => {
      const call = this.#call(operation, index);
      while (performance.now() - startedAt < phaseMs) {
        const sentAt = performance.now();
        await call();
        times.push(performance.now() - sentAt);
      }
    };
    await Promise.all(Array.from({ length: clients }, loop));
    const elapsedMs = performance.now() - startedAt;
    times.sort((a, b) => a - b);
    return {
      operations: times.length,
      perSecond: (times.length * 1_000) / elapsedMs,
      cpuMsEach: (cpuMsOf(this.#target.pids()) - cpuBeforeMs) / times.length,
      p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    };
  }

  #call(operation: Operation, client: number): () => Promise<unknown> {
    let turn = 1;
    let version: string | undefined;
    const name = `w-${client}`;
    switch (operation) {
      case 'create':
        return () => this.#create();
      case 'get':
        return () => this.#send('GET', `${WIDGETS}/w-${(turn += 7_919) % this.#made}`);
      case 'list':
        return () => this.#send('GET', `${WIDGETS}?limit=500`);
      case 'update':
        return async () => {
          version ??= versionOf(await this.#send('GET', `${WIDGETS}/${name}`));
          const body = widget(name, (turn += 1), version);
          version = versionOf(await this.#send('PUT', `${WIDGETS}/${name}`, body));
        };
    }
  }

  #create(): Promise<string> {
    return this.#send('POST', WIDGETS, widget(`w-${this.#made++}`, 0));
  }

  #send(method: string, path: string, body?: unknown): Promise<string> {
    const { server, token } = this.#target.access;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = https.request(
        `${server}${path}`,
        {
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers: {
            accept: 'application/json',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(text !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString('utf8');
            if ((response.statusCode ?? 500) < 300) resolve(answer);
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`)));
      request.on('error', reject);
      request.end(text);
    });
  }
}

function versionOf(answer: string): string {
  const version = /"resourceVersion":"(\d+)"/.exec(answer)?.[1];
  if (version === undefined) throw new Error('an answer without resourceVersion');
  return version;
}
