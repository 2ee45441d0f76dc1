import { ApiError, isApiError, toStatus } from '../../sdk/api/errors.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { ResourceService } from '../resource-service.js';
import type { ListOptions, StoredObject } from '../store/object-store.js';
import type { EventBatch } from './event-batch.js';
import type { ObjectFormat, SeenAs, WatchEvent } from './watch-event.js';
import { watchLine } from './watch-event.js';
import type { WatchFilter } from './watch-selection.js';
import { WatchSelection } from './watch-selection.js';
import type { TailListener } from './watch-fanout.js';
import type { WatchTail } from './watch-tail.js';

/** Where the lines of a watch go. */
export interface WatchSink {
  /** Takes so many lines. False: they pile up; `drained` tells when they no longer do. */
  write(lines: Buffer, count: number): boolean;
  /** Resolves when more can be taken, or the stream is over. */
  drained(): Promise<void>;
  /** Bytes taken but not yet sent. */
  readonly bufferedBytes: number;
  /** Ends the stream in good order. */
  end(): void;
  /** Cuts the stream: the client is too slow. */
  cut(): void;
}

export interface WatchStart {
  readonly filter: WatchFilter;
  readonly format: ObjectFormat;
  /** The version to continue after; with `sendInitial` at least that; undefined: any. */
  readonly after: number | undefined;
  /** Whether what is there now comes first, as ADDED events. */
  readonly sendInitial: boolean;
  /** Mark the end of the initial events by a bookmark. */
  readonly markInitialEnd: boolean;
  readonly sink: WatchSink;
  /** A client that takes nothing of what is on its way for so long is cut off. */
  readonly stallTimeoutMs: number;
}

/** When so much is on its way, what follows stays in the log until the client has taken it. */
const MAX_BUFFERED_BYTES = 32 * 1024;
const MAX_COPIED_BYTES = 64 * 1024;
/** So many objects are in memory at once while a watch begins, however many there are. */
const PAGE = 2_000;

/**
 * One client's watch, from its first event to its end. Sends every event of its selection after its
 * start exactly once and in order. A client that is slow falls behind in the log, where that costs no
 * memory; one that takes nothing is cut and may resume.
 */
export class ObjectWatch {
  readonly #tail: WatchTail;
  readonly #service: ResourceService;
  readonly #start: WatchStart;
  readonly #selection: WatchSelection;
  readonly #listener: TailListener = {
    events: (batch) => this.#take(batch),
    overtaken: () => void this.#follow(() => this.#catchUp(this.#position)),
    expired: (error) => this.#fail(error),
  };
  #format: ObjectFormat;
  /** The bookmark that ends the initial events is still to come. */
  #owesMark: boolean;
  #isLive = false;
  #isClosed = false;
  /** The client has been told everything up to here. */
  #position = 0;

  constructor(options: { tail: WatchTail; service: ResourceService }, start: WatchStart) {
    this.#tail = options.tail;
    this.#service = options.service;
    this.#start = start;
    this.#format = start.format;
    this.#owesMark = start.markInitialEnd;
    this.#selection = new WatchSelection(start.filter);
  }

  /** Sends what came before now, then follows. Returns when the watch is live or has ended. */
  run(): Promise<void> {
    return this.#follow(async () => this.#catchUp(await this.#begin()));
  }

  async #follow(steps: () => Promise<void>): Promise<void> {
    try {
      await steps();
    } catch (error) {
      if (this.#isClosed) return;
      this.#fail(error);
      if (!isApiError(error)) throw error;
    }
  }

  /** Tells the client how far it is. Only once live: before, it has not got everything. */
  bookmark(): void {
    this.#tail.flush(this.#listener);
    // A watch that began in the future is told nothing before that has come.
    if (this.#isLive && this.#tail.head >= this.#position) this.#mark(this.#position);
  }

  /** Sends what is known by now, then ends the stream. Idempotent. */
  close(): void {
    this.#tail.flush(this.#listener);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tail.leave(this.#listener);
    this.#start.sink.end();
  }

  /** Sends the initial events if asked for; returns the version after which events are to be seen. */
  async #begin(): Promise<number> {
    const { after, sendInitial } = this.#start;
    if (sendInitial || after === undefined) return this.#sendInitial();
    return this.#selection.needsMembers ? this.#findMembers(after) : after;
  }

  async #sendInitial(): Promise<number> {
    const { filter, sendInitial, after } = this.#start;
    const least = { type: 'notOlderThan', version: after ?? 0 } as const;
    let version = 0;
    for await (const page of this.#pages((options) =>
      this.#service.list(filter.kind, options, options.at === undefined ? least : undefined),
    )) {
      version = page.resourceVersion;
      for (const { uid } of page.items) this.#selection.addMember(uid);
      if (sendInitial) await this.#stream(this.#linesOfPage(page.items));
      else if (!this.#selection.needsMembers) break;
    }
    return version;
  }

  /**
   * Which objects the client has at `after`. When that is yet to come, at the newest version that is
   * here, which is answered: events up to `after` then go by the selection without being sent.
   */
  async #findMembers(after: number): Promise<number> {
    const at = Math.min(after, this.#tail.head);
    const { kind } = this.#start.filter;
    for await (const { items } of this.#pages((options) =>
      this.#service.list(kind, { ...options, at }),
    )) {
      for (const { uid } of items) this.#selection.addMember(uid);
    }
    return at;
  }

  /** The pages of one list, all of the version of the first. */
  async *#pages(list: (options: ListOptions) => ReturnType<ResourceService['list']>) {
    const { filter } = this.#start;
    for (let options: ListOptions = { ...filter, limit: PAGE }; !this.#isClosed;) {
      const page = await list(options);
      yield page;
      if (page.next === undefined) return;
      options = { ...options, after: page.next, at: page.resourceVersion };
    }
  }

  async #catchUp(from: number): Promise<void> {
    this.#isLive = false;
    this.#position = Math.max(from, this.#start.after ?? 0);
    for (let seen = from; !this.#isClosed;) {
      if (this.#tail.join(seen, this.#listener)) {
        this.#isLive = true;
        if (this.#owesMark) this.#mark(this.#position, { 'k8s.io/initial-events-end': 'true' });
        this.#owesMark = false;
        return;
      }
      const { events, through } = await this.#tail.readAfter(seen);
      if (through === seen) {
        throw new ApiError('Expired', `too old resource version: ${through}`);
      }
      await this.#stream(this.#linesOfEvents(events));
      seen = through;
      this.#position = Math.max(this.#position, through);
    }
  }

  /** Sends lines as fast as the client takes them, many with each write. */
  async #stream(lines: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
    let parts: Buffer[] = [];
    let bytes = 0;
    const send = async (): Promise<void> => {
      const { sink } = this.#start;
      if (!sink.write(Buffer.concat(parts), parts.length)) await this.#drained();
      parts = [];
      bytes = 0;
    };
    for await (const line of lines) {
      parts.push(line);
      bytes += line.length;
      if (bytes >= MAX_COPIED_BYTES) await send();
      if (this.#isClosed) return;
    }
    if (bytes > 0) await send();
  }

  *#linesOfPage(items: readonly StoredObject[]): Iterable<Buffer> {
    for (const item of items) yield this.#line('ADDED', item);
  }

  async *#linesOfEvents(events: readonly WatchEvent[]): AsyncIterable<Buffer> {
    for (const event of events) {
      const type = this.#selection.typeOf(event);
      if (type === undefined || event.resourceVersion <= this.#position) continue;
      if (type === 'LEFT' && !this.#tail.findPrevious(event)) await this.#tail.loadPrevious(event);
      yield this.#eventLine(type, event);
    }
  }

  /** Resolves when the client has taken everything, or is cut off because it takes nothing. */
  async #drained(): Promise<void> {
    const { sink, stallTimeoutMs } = this.#start;
    const timer = setTimeout(() => this.#cut(), stallTimeoutMs);
    await sink.drained();
    clearTimeout(timer);
  }

  #take(batch: EventBatch): void {
    if (this.#isClosed) return;
    try {
      this.#deliver(batch);
    } catch (error) {
      // Text that cannot be read or decrypted is this watch's end, not everybody's.
      this.#fail(error);
    }
  }

  #deliver(batch: EventBatch): void {
    const isShared = batch.from >= this.#position && this.#sendsAsOthersDo();
    if (isShared) {
      const { filter } = this.#start;
      const key = `${filter.namespace} ${this.#format.key}`;
      const shared = batch.text(filter.kind, key, () => this.#linesOf(batch).lines);
      this.#write(shared.text, shared.count);
    } else {
      const { lines, halt } = this.#linesOf(batch);
      const bytes = lines.reduce((sum, line) => sum + line.length, 0);
      // Many small writes cost more than a copy; large ones share the text with other watchers.
      if (bytes < MAX_COPIED_BYTES) this.#write(Buffer.concat(lines), lines.length);
      else for (const line of lines) this.#write(line, 1);
      if (halt !== undefined) {
        this.#haltBefore(halt);
        return;
      }
    }
    this.#position = Math.max(this.#position, batch.through);
    if (this.#start.sink.bufferedBytes > MAX_BUFFERED_BYTES) this.#fallBehind();
  }

  /** The lines of a batch up to `halt`, an event whose line the store has to be asked for. */
  #linesOf({ events }: EventBatch): {
    readonly lines: readonly Buffer[];
    readonly halt?: WatchEvent;
  } {
    const lines: Buffer[] = [];
    for (const event of events) {
      const type = this.#selection.typeOf(event);
      // A list may be newer than the tail: what it had already is not sent again.
      if (type === undefined || event.resourceVersion <= this.#position) continue;
      if (type === 'LEFT' && !this.#tail.findPrevious(event)) {
        this.#selection.addMember(event.uid);
        return { lines, halt: event };
      }
      lines.push(this.#eventLine(type, event));
    }
    return { lines };
  }

  /** Goes on with the event when it is known how its object was. */
  #haltBefore(event: WatchEvent): void {
    this.#isLive = false;
    this.#position = event.resourceVersion - 1;
    this.#tail.leave(this.#listener);
    void this.#follow(async () => {
      await this.#tail.loadPrevious(event);
      await this.#catchUp(this.#position);
    });
  }

  /** Goes on from here when the client has taken what is on its way. */
  #fallBehind(): void {
    this.#isLive = false;
    this.#tail.leave(this.#listener);
    void this.#follow(async () => {
      await this.#drained();
      if (!this.#isClosed) await this.#catchUp(this.#position);
    });
  }

  /** True when everybody who watches this kind and namespace in this format sends the same. */
  #sendsAsOthersDo(): boolean {
    const { labels, fields } = this.#start.filter;
    return labels.length === 0 && fields.length === 0 && this.#format.following === undefined;
  }

  /** The stream is under way: an error is its last event. `Expired` makes the client list again. */
  #fail(error: unknown): void {
    this.#tail.leave(this.#listener);
    this.#write(watchLine('ERROR', JSON.stringify(toStatus(error))), 1);
    this.close();
  }

  #write(text: Buffer, lines: number): void {
    if (this.#isClosed || text.length === 0) return;
    this.#start.sink.write(text, lines);
  }

  #cut(): void {
    this.#isClosed = true;
    this.#tail.leave(this.#listener);
    this.#start.sink.cut();
  }

  #mark(resourceVersion: number, annotations?: Readonly<Record<string, string>>): void {
    const { kind } = this.#start.filter;
    const metadata = {
      resourceVersion: String(resourceVersion),
      creationTimestamp: null,
      ...(annotations !== undefined && { annotations }),
    };
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    const json = JSON.stringify(object);
    const stored = { resource: '', uid: '', namespace: '', name: '', resourceVersion, json };
    this.#write(this.#line('BOOKMARK', stored), 1);
  }

  #eventLine(type: SeenAs, event: WatchEvent): Buffer {
    return event.line(this.#start.filter.kind, type, this.#nextFormat());
  }

  #line(type: 'ADDED' | 'BOOKMARK', stored: StoredObject): Buffer {
    return watchLine(type, this.#nextFormat().render(this.#start.filter.kind, stored));
  }

  #nextFormat(): ObjectFormat {
    const format = this.#format;
    this.#format = format.following ?? format;
    return format;
  }
}
