/**
 * A process full of watchers, forked by watch.ts. They read bytes and look for versions in them, no
 * more, so that the load costs less than the server: no HTTP parser, no JSON.
 */
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { quantile } from './bench-table.js';

export interface FollowersOptions {
  readonly port: number;
  /** Absent: without TLS. */
  readonly caFile?: string;
  readonly token: string;
  /** The path of the watch, with everything but the version. */
  readonly path: string;
  /** To begin after. */
  readonly version: number;
  readonly followers: number;
  /** So many of them never read. */
  readonly readingNothing: number;
  /** Whether they look at the time of each event, which costs them. */
  readonly areMeasuring: boolean;
}

export type FollowersCommand =
  | { readonly type: 'open'; readonly options: FollowersOptions }
  /** All at once break off and go on from where they are. */
  | { readonly type: 'storm' }
  /** Answers once every one that reads has got this version. */
  | { readonly type: 'until'; readonly version: number };

export type FollowersAnswer =
  | { readonly type: 'opened' | 'back' }
  | {
      readonly type: 'reached';
      /** For each that reads: events and a number that stands for their versions in order. */
      readonly replays: readonly Replay[];
      readonly deliveries: number;
      /** From before the request that wrote it, since the command before. */
      readonly p50Ms: number;
      readonly p99Ms: number;
      readonly longestMs: number;
      /** Streams that ended though nobody asked for it. */
      readonly cut: number;
    };

export interface Replay {
  readonly events: number;
  readonly digest: number;
}

/** A number for a list of versions, taken one by one. */
export function digestOf(digest: number, version: number): number {
  return (Math.imul(digest, 1_000_003) ^ version) >>> 0;
}

/** Stands in every object once. */
const VERSION = Buffer.from('"resourceVersion":"');
/** The time of the write. */
const SENT = Buffer.from('"sent":"');
const OPENING_AT_ONCE = 64;

class Follower {
  readonly #options: FollowersOptions;
  readonly #isReading: boolean;
  #socket: Socket | undefined;
  #rest = Buffer.alloc(0);
  #onOpen: (() => void) | undefined;
  version: number;
  events = 0;
  digest = 0;
  cut = 0;

  constructor(options: FollowersOptions, index: number) {
    this.#options = options;
    this.#isReading = index >= options.readingNothing;
    this.version = options.version;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Resolves when the stream has begun. */
  open(): Promise<void> {
    const { port, caFile, token, path } = this.#options;
    const socket =
      caFile === undefined
        ? connectPlain({ port, host: '127.0.0.1' })
        : connectTls({ port, host: '127.0.0.1', ca: caOf(caFile) });
    this.#socket = socket;
    this.#rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#ended(socket));
    socket.write(
      `GET ${path}&resourceVersion=${this.version} HTTP/1.1\r\nHost: localhost\r\n` +
        `Authorization: Bearer ${token}\r\n\r\n`,
    );
    return new Promise((resolve) => {
      this.#onOpen = resolve;
      socket.on('data', (chunk) => this.#take(chunk as Buffer));
    });
  }

  /** Breaks off. */
  leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #ended(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.cut += 1;
    this.#onOpen?.();
    if (this.#isReading) void this.open();
  }

  #take(chunk: Buffer): void {
    this.#onOpen?.();
    this.#onOpen = undefined;
    if (!this.#isReading) this.#socket?.pause();
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let position = 0;
    for (;;) {
      const found = bytes.indexOf(VERSION, position);
      const end = found < 0 ? -1 : bytes.indexOf('"', found + VERSION.length);
      if (end < 0) break;
      // The whole object must be there for its time to be found.
      const lineEnd = this.#options.areMeasuring ? bytes.indexOf('\n', end) : end;
      if (lineEnd < 0) break;
      this.version = Number(bytes.toString('latin1', found + VERSION.length, end));
      this.digest = digestOf(this.digest, this.version);
      this.events += 1;
      if (this.#options.areMeasuring) this.#measure(bytes.subarray(position, lineEnd));
      position = lineEnd + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(position));
    reached();
  }

  #measure(line: Buffer): void {
    const found = line.indexOf(SENT);
    if (found < 0) return;
    const start = found + SENT.length;
    delays.push(Date.now() - Number(line.toString('latin1', start, line.indexOf('"', start))));
  }
}

const certificates = new Map<string, Buffer>();
function caOf(file: string): Buffer {
  let ca = certificates.get(file);
  if (ca === undefined) certificates.set(file, (ca = readFileSync(file)));
  return ca;
}

let followers: Follower[] = [];
let delays: number[] = [];
let awaited: number | undefined;

/** Answers when all are there. Asked after every chunk, so it looks at the numbers seldom. */
let lookTimer: NodeJS.Timeout | undefined;
function reached(): void {
  if (awaited === undefined) return;
  lookTimer ??= setTimeout(() => {
    lookTimer = undefined;
    const version = awaited;
    const reading = followers.filter(({ isReading }) => isReading);
    if (version === undefined || reading.some((one) => one.version < version)) return;
    awaited = undefined;
    answer({
      type: 'reached',
      replays: reading.map(({ events, digest }) => ({ events, digest })),
      deliveries: reading.reduce((sum, { events }) => sum + events, 0),
      p50Ms: quantile(delays, 0.5),
      p99Ms: quantile(delays, 0.99),
      longestMs: quantile(delays, 1),
      cut: followers.reduce((sum, { cut }) => sum + cut, 0),
    });
    delays = [];
  }, 20);
}

function answer(message: FollowersAnswer): void {
  process.send?.(message);
}

async function openAll(atOnce: number): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let one = followers[next++]; one !== undefined; one = followers[next++]) await one.open();
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
}

process.on('message', (command: FollowersCommand) => {
  switch (command.type) {
    case 'open': {
      const { options } = command;
      followers = Array.from(
        { length: options.followers },
        (_, index) => new Follower(options, index),
      );
      void openAll(OPENING_AT_ONCE).then(() => answer({ type: 'opened' }));
      break;
    }
    case 'storm': {
      for (const one of followers) one.leave();
      void openAll(followers.length).then(() => answer({ type: 'back' }));
      break;
    }
    case 'until':
      awaited = command.version;
      reached();
      break;
  }
});
process.once('disconnect', () => process.exit());
