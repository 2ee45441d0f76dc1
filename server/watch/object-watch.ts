import { ApiError, isApiError, toStatus } from '../../sdk/api/errors.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectFormat, WatchEvent } from './watch-event.js';
import { watchLine } from './watch-event.js';
import type { WatchFilter } from './watch-selection.js';
import { WatchSelection } from './watch-selection.js';
import type { WatchTail } from './watch-tail.js';

/** Where the lines of a watch go. */
export interface WatchSink {
  /** Takes a line. False: lines pile up; `drained` tells when they no longer do. */
  write(line: Buffer): boolean;
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
  /** The version to continue after; undefined: begin with what is there now. */
  readonly after: number | undefined;
  /** Whether what is there now comes first, as ADDED events. */
  readonly sendInitial: boolean;
  /** Mark the end of the initial events by a bookmark. */
  readonly markInitialEnd: boolean;
  readonly sink: WatchSink;
}

const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/**
 * One client's watch, from its first event to its end. Sends every event of its selection after its
 * start exactly once and in order; a client that cannot keep up is cut and may resume.
 */
export class ObjectWatch {
  readonly #tail: WatchTail;
  readonly #service: ResourceService;
  readonly #start: WatchStart;
  readonly #selection: WatchSelection;
  readonly #listener = (event: WatchEvent): void => this.#deliver(event);
  #isLive = false;
  #isClosed = false;
  /** The newest version that was looked at. */
  #position = 0;

  constructor(options: { tail: WatchTail; service: ResourceService }, start: WatchStart) {
    this.#tail = options.tail;
    this.#service = options.service;
    this.#start = start;
    this.#selection = new WatchSelection(start.filter);
  }

  /** Sends what came before now, then follows. Returns when the watch is live or has ended. */
  async run(): Promise<void> {
    try {
      await this.#catchUp(await this.#begin());
    } catch (error) {
      if (this.#isClosed) return;
      // The stream is under way: an error is its last event. `Expired` makes the client list again.
      this.#start.sink.write(watchLine('ERROR', JSON.stringify(toStatus(error))));
      this.close();
      if (!isApiError(error)) throw error;
    }
  }

  /** Tells the client how far it is. Only once live: before, it has not got everything. */
  bookmark(annotations?: Readonly<Record<string, string>>): void {
    if (!this.#isLive) return;
    const version = Math.max(this.#position, this.#tail.head);
    this.#write(bookmarkLine(this.#start, version, annotations));
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tail.leave(this.#listener);
    this.#start.sink.end();
  }

  /** Sends the initial events if asked for; returns the version to go on from. */
  async #begin(): Promise<number> {
    const { after, sendInitial } = this.#start;
    if (!sendInitial && after !== undefined) {
      if (this.#selection.needsMembers) await this.#findMembers(after);
      return after;
    }
    return this.#sendInitial();
  }

  async #sendInitial(): Promise<number> {
    const { filter, format, sink, sendInitial } = this.#start;
    const { items, resourceVersion } = await this.#service.list(filter.kind, filter);
    for (const item of items) {
      this.#selection.addMember(item.uid);
      if (!sendInitial) continue;
      if (!sink.write(watchLine('ADDED', format.render(filter.kind, item)))) await sink.drained();
      if (this.#isClosed) break;
    }
    return resourceVersion;
  }

  /**
   * Which objects the client has at `after`: those selected now, except for what changed since.
   */
  async #findMembers(after: number): Promise<void> {
    const { filter } = this.#start;
    const { items, resourceVersion } = await this.#service.list(filter.kind, filter);
    for (const { uid } of items) this.#selection.addMember(uid);
    const seen = new Set<string>();
    for (let position = after; position < resourceVersion;) {
      const { events, through } = await this.#tail.readAfter(position);
      if (through === position) return;
      for (const event of events) {
        if (event.resourceVersion > resourceVersion || seen.has(event.uid)) continue;
        seen.add(event.uid);
        const last = this.#tail.lastEvent(event.uid, after);
        if (last === undefined) this.#selection.addDoubtful(event.uid);
        else this.#selection.setMemberBy(last);
      }
      position = through;
    }
  }

  async #catchUp(from: number): Promise<void> {
    let position = from;
    while (!this.#isClosed) {
      const recent = this.#tail.join(position, this.#listener);
      if (recent !== undefined) {
        // No await from here to the end: nothing can come between.
        this.#isLive = true;
        this.#position = position;
        for (const event of recent) this.#deliver(event);
        if (this.#start.markInitialEnd) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
        return;
      }
      const { events, through } = await this.#tail.readAfter(position);
      if (through === position) {
        throw new ApiError('Expired', `too old resource version: ${position}`);
      }
      for (const event of events) {
        const type = this.#selection.typeOf(event);
        const { sink, format, filter } = this.#start;
        if (type !== undefined && !sink.write(event.line(filter.kind, type, format)))
          await sink.drained();
        if (this.#isClosed) return;
      }
      position = through;
    }
  }

  #deliver(event: WatchEvent): void {
    // A list may be newer than the tail: what it had already is not sent again.
    if (this.#isClosed || event.resourceVersion <= this.#position) return;
    this.#position = event.resourceVersion;
    const type = this.#selection.typeOf(event);
    const { filter, format } = this.#start;
    if (type !== undefined) this.#write(event.line(filter.kind, type, format));
  }

  #write(line: Buffer): void {
    if (this.#isClosed) return;
    const { sink } = this.#start;
    sink.write(line);
    if (sink.bufferedBytes <= MAX_BUFFERED_BYTES) return;
    this.#isClosed = true;
    this.#tail.leave(this.#listener);
    sink.cut();
  }
}

function bookmarkLine(
  { filter, format }: WatchStart,
  resourceVersion: number,
  annotations?: Readonly<Record<string, string>>,
): Buffer {
  const { kind } = filter;
  const metadata = {
    resourceVersion: String(resourceVersion),
    creationTimestamp: null,
    ...(annotations !== undefined && { annotations }),
  };
  const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  const json = JSON.stringify(object);
  const stored = { resource: '', uid: '', namespace: '', name: '', resourceVersion, json };
  return watchLine('BOOKMARK', format.render(kind, stored));
}
