import type { KindDefinition } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { Revision, StoredObject } from '../store/object-store.js';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';
/** `LEFT`: the object is there but no longer selected. Its watchers are told that it is DELETED. */
export type SeenAs = WatchEventType | 'LEFT';

/** Turns an object into the text that goes over the wire, such as a row of a Table. */
export interface ObjectFormat {
  /** Formats with equal keys give equal texts. */
  readonly key: string;
  render(kind: KindDefinition, stored: StoredObject): string;
  /** For all events of a watch but the first. Absent: the same. */
  readonly following?: ObjectFormat;
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
  /** The object as it was before, once somebody had to know; see WatchTail.findPrevious. */
  previous: StoredObject | undefined;
  /** The entry of the log that this is. */
  readonly revision: Revision;
  readonly #codec: ObjectCodec;
  /** By the version of the kind that somebody watches in. */
  readonly #views = new Map<KindDefinition, EventView>();

  constructor(revision: Revision, codec: ObjectCodec) {
    this.resourceVersion = revision.resourceVersion;
    this.type = revision.type;
    this.revision = revision;
    this.#codec = codec;
  }

  /** `plural.group`, see resourceName(). */
  get resource(): string {
    return this.revision.object.resource;
  }

  /** The object as it is stored: encrypted, in the storage version. */
  get encoded(): StoredObject {
    return this.revision.object;
  }

  get uid(): string {
    return this.revision.object.uid;
  }

  get namespace(): string {
    return this.revision.object.namespace;
  }

  get name(): string {
    return this.revision.object.name;
  }

  /** About how much memory this takes. */
  get size(): number {
    return this.revision.object.json.length;
  }

  /** Decrypted, in the version of `kind`, with its text. */
  stored(kind: KindDefinition): StoredObject {
    const view = this.#view(kind);
    view.stored ??= this.#codec.readable(kind, this.revision.object);
    return view.stored;
  }

  object(kind: KindDefinition): StoredApiObject {
    const view = this.#view(kind);
    view.object ??= JSON.parse(this.stored(kind).json) as StoredApiObject;
    return view.object;
  }

  /** The event as one line of a watch stream. `seenAs` may differ from `type`: see WatchSelection. */
  line(kind: KindDefinition, seenAs: SeenAs, format: ObjectFormat): Buffer {
    const { lines } = this.#view(kind);
    const key = `${seenAs} ${format.key}`;
    let line = lines.get(key);
    if (line === undefined) {
      line =
        seenAs === 'LEFT'
          ? watchLine('DELETED', format.render(kind, this.#lastSelected(kind)))
          : watchLine(seenAs, format.render(kind, this.stored(kind)));
      lines.set(key, line);
    }
    return line;
  }

  /** The object as its watchers last had it, under the version of this event, as Kubernetes has it. */
  #lastSelected(kind: KindDefinition): StoredObject {
    if (this.previous === undefined) return this.stored(kind);
    const last = this.#codec.readable(kind, this.previous);
    const object = JSON.parse(last.json) as StoredApiObject;
    object.metadata.resourceVersion = String(this.resourceVersion);
    const { resourceVersion } = this;
    return { ...last, resourceVersion, json: JSON.stringify(object) };
  }

  /** Frees what can be made again. */
  forget(): void {
    this.#views.clear();
  }

  #view(kind: KindDefinition): EventView {
    let view = this.#views.get(kind);
    if (view === undefined) this.#views.set(kind, (view = { lines: new Map() }));
    return view;
  }
}

/** The event as those see it who watch one version of the kind. */
interface EventView {
  stored?: StoredObject;
  object?: StoredApiObject;
  readonly lines: Map<string, Buffer>;
}

/** `{"type":...,"object":...}` and a line end. */
export function watchLine(type: WatchEventType | 'BOOKMARK' | 'ERROR', json: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${json}}\n`);
}
