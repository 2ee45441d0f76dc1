import type { KindDefinition } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { Revision, StoredObject } from '../store/object-store.js';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Turns an object into the text that goes over the wire, such as a row of a Table. */
export interface ObjectFormat {
  /** Formats with equal keys give equal texts. */
  readonly key: string;
  render(kind: KindDefinition, stored: StoredObject): string;
}

/** The object as it is. */
export const PLAIN_FORMAT: ObjectFormat = { key: '', render: (_kind, stored) => stored.json };

/**
 * One change, shared by everybody who watches it: read, decrypted and put into words at most once,
 * and only when somebody asks.
 */
export class WatchEvent {
  readonly resourceVersion: number;
  readonly type: WatchEventType;
  readonly kind: KindDefinition;
  readonly #codec: ObjectCodec;
  readonly #encoded: StoredObject;
  #stored: StoredObject | undefined;
  #object: StoredApiObject | undefined;
  readonly #lines = new Map<string, Buffer>();

  constructor(kind: KindDefinition, revision: Revision, codec: ObjectCodec) {
    this.resourceVersion = revision.resourceVersion;
    this.type = revision.type;
    this.kind = kind;
    this.#encoded = revision.object;
    this.#codec = codec;
  }

  get uid(): string {
    return this.#encoded.uid;
  }

  get namespace(): string {
    return this.#encoded.namespace;
  }

  get name(): string {
    return this.#encoded.name;
  }

  /** About how much memory this takes. */
  get size(): number {
    return this.#encoded.json.length;
  }

  /** Decrypted, with its text. */
  get stored(): StoredObject {
    this.#stored ??= this.#codec.readable(this.kind, this.#encoded);
    return this.#stored;
  }

  get object(): StoredApiObject {
    this.#object ??= JSON.parse(this.stored.json) as StoredApiObject;
    return this.#object;
  }

  /** The event as one line of a watch stream. `type` may differ: an object can leave a selection. */
  line(type: WatchEventType, format: ObjectFormat): Buffer {
    const key = `${type} ${format.key}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = watchLine(type, format.render(this.kind, this.stored));
      this.#lines.set(key, line);
    }
    return line;
  }

  /** Frees what can be made again. */
  forget(): void {
    this.#lines.clear();
    this.#object = undefined;
    if (this.#stored !== this.#encoded) this.#stored = undefined;
  }
}

/** `{"type":...,"object":...}` and a line end. */
export function watchLine(type: WatchEventType | 'BOOKMARK' | 'ERROR', json: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${json}}\n`);
}
