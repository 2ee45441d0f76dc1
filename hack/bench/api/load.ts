import { setTimeout as delay } from 'node:timers/promises';
import { cpuMsOf } from '../proc.js';
import { Connection } from './connection.js';
import type { Target } from './target.js';
import { widget, WIDGETS } from './target.js';
import { Watcher } from './watcher.js';

/** What was done in one phase against one target. */
export interface Measurement {
  readonly perSecond: number;
  /** Of all its processes, for one operation. */
  readonly cpuMsEach: number;
  readonly p99Ms: number;
}

export type Operation = 'create' | 'update' | 'get';

const CONNECTIONS = 64;

/** Clients in closed loops: each sends the next request when the one before is answered. */
export class Load {
  readonly #target: Target;
  readonly #connections: readonly Connection[];
  #made = 0;

  private constructor(target: Target, connections: readonly Connection[]) {
    this.#target = target;
    this.#connections = connections;
  }

  static async open(target: Target): Promise<Load> {
    const open = Array.from({ length: CONNECTIONS }, () => Connection.open(target.access));
    return new Load(target, await Promise.all(open));
  }

  /** How many widgets there are. */
  get made(): number {
    return this.#made;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Creates widgets, 64 at a time, until there are so many. */
  async fill(count: number, signal?: AbortSignal): Promise<void> {
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (this.#made < count) {
          signal?.throwIfAborted();
          await this.#create(connection);
        }
      }),
    );
  }

  /** Takes no more than `CONNECTIONS` clients. */
  run(operation: Operation, clients: number, phaseMs: number): Promise<Measurement> {
    const calls = this.#connections
      .slice(0, clients)
      .map((connection, index) => this.#call(operation, connection, index));
    return this.#loop(calls, phaseMs);
  }

  /** One client that lists again and again. */
  list(query: string, phaseMs: number): Promise<Measurement> {
    const [connection] = this.#connections as [Connection];
    return this.#loop([() => connection.send('GET', `${WIDGETS}?${query}`)], phaseMs);
  }

  /** Lists all, page by page; the figures are of the whole. */
  listAll(): Promise<Measurement> {
    const [connection] = this.#connections as [Connection];
    const listAll = async (): Promise<void> => {
      for (let next: string | undefined = ''; next !== undefined;) {
        const query = next === '' ? '' : `&continue=${next}`;
        const page = await connection.send('GET', `${WIDGETS}?limit=500${query}`);
        // In the metadata: at the beginning, or where keys are sorted at the end.
        const ends = page.toString('utf8', 0, 2_000) + page.toString('utf8', page.length - 2_000);
        next = /"continue":"([^"]+)"/.exec(ends)?.[1];
      }
    };
    return this.#loop([listAll], 0);
  }

  /** Updates by 16 clients while so many watch all; the figures are those of one delivery. */
  async watch(watchers: number, phaseMs: number, signal: AbortSignal): Promise<Measurement> {
    const path = `${WIDGETS}?watch=1&resourceVersion=${await this.#version()}`;
    const opened = Array.from({ length: watchers }, () => Watcher.open(this.#target.access, path));
    const all = await Promise.all(opened);
    try {
      let updates = 0;
      const calls = this.#connections.slice(0, 16).map((connection, index) => {
        const call = this.#call('update', connection, index);
        return async () => {
          await call();
          updates += 1;
        };
      });
      const { perSecond, cpuMsEach, p99Ms } = await this.#loop(calls, phaseMs, async () => {
        while (all.some(({ events }) => events < updates)) await delay(5, undefined, { signal });
      });
      return { perSecond: perSecond * watchers, cpuMsEach: cpuMsEach / watchers, p99Ms };
    } finally {
      for (const watcher of all) watcher.close();
    }
  }

  /** Each call again and again, all at once, at least once. `settle` belongs to what is measured. */
  async #loop(
    calls: readonly (() => Promise<unknown>)[],
    phaseMs: number,
    settle?: () => Promise<void>,
  ): Promise<Measurement> {
    const times: number[] = [];
    const cpuBeforeMs = cpuMsOf(this.#target.pids());
    const startedAt = performance.now();
    const loop = async (call: () => Promise<unknown>): Promise<void> => {
      do {
        const sentAt = performance.now();
        await call();
        times.push(performance.now() - sentAt);
      } while (performance.now() - startedAt < phaseMs);
    };
    await Promise.all(calls.map(loop));
    await settle?.();
    const elapsedMs = performance.now() - startedAt;
    times.sort((a, b) => a - b);
    return {
      perSecond: (times.length * 1_000) / elapsedMs,
      cpuMsEach: (cpuMsOf(this.#target.pids()) - cpuBeforeMs) / times.length,
      p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    };
  }

  /** Of the collection. */
  async #version(): Promise<string> {
    const [connection] = this.#connections as [Connection];
    const answer = (await connection.send('GET', `${WIDGETS}?limit=1`)).toString('utf8');
    const list = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as {
      metadata: { resourceVersion: string };
    };
    return list.metadata.resourceVersion;
  }

  #call(operation: Operation, connection: Connection, client: number): () => Promise<unknown> {
    let turn = client;
    let version: string | undefined;
    const name = `w-${client}`;
    const own = `${WIDGETS}/${name}`;
    switch (operation) {
      case 'create':
        return () => this.#create(connection);
      case 'get':
        return () => connection.send('GET', `${WIDGETS}/w-${(turn += 7_919) % this.#made}`);
      case 'update':
        return async () => {
          version ??= versionOf(await connection.send('GET', own));
          const body = JSON.stringify(widget(name, (turn += 1), version));
          version = versionOf(await connection.send('PUT', own, body));
        };
    }
  }

  #create(connection: Connection): Promise<Buffer> {
    return connection.send('POST', WIDGETS, JSON.stringify(widget(`w-${this.#made++}`, 0)));
  }
}

const VERSION = '"resourceVersion":"';

function versionOf(answer: Buffer): string {
  const at = answer.indexOf(VERSION);
  if (at < 0) throw new Error('an answer without resourceVersion');
  const start = at + VERSION.length;
  return answer.toString('latin1', start, answer.indexOf('"', start));
}
