import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { isApiError } from '../../sdk/api/errors.js';

/** An event as it was seen. */
export interface Sighting {
  readonly type: string;
  readonly uid: string;
  readonly resourceVersion: number;
}

/** What was seen from one list on. */
export interface Sight {
  readonly listedAt: number;
  /** `uid resourceVersion` of what was listed. */
  readonly listed: readonly string[];
  readonly events: Sighting[];
}

const RETRY_MS = 700;

/** Lists one kind and watches it from there, as an informer does; keeps all that it saw. */
export class Watcher {
  readonly resource: string;
  readonly sights: Sight[] = [];
  readonly #client: Client;
  readonly #end = new AbortController();

  constructor(client: Client, resource: string) {
    this.#client = client;
    this.resource = resource;
  }

  async run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        const sight = await this.#list();
        this.sights.push(sight);
        await this.#follow(sight, signal);
      } catch {
        await delay(RETRY_MS);
      }
    }
  }

  async #list(): Promise<Sight> {
    const { items, resourceVersion } = await this.#client.list(this.resource);
    const listed = items.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`);
    return { listedAt: Number(resourceVersion), listed, events: [] };
  }

  /** Resumes where it was whenever the watch breaks off. @throws when it is to list again. */
  async #follow(sight: Sight, signal: AbortSignal): Promise<void> {
    let from = sight.listedAt;
    while (!signal.aborted) {
      try {
        const options = { resourceVersion: String(from), allowBookmarks: true, signal };
        for await (const { type, object } of this.#client.watch(this.resource, options)) {
          from = Number(object.metadata.resourceVersion);
          if (type === 'BOOKMARK') continue;
          sight.events.push({ type, uid: object.metadata.uid, resourceVersion: from });
        }
      } catch (error) {
        if (isApiError(error, 'Expired') || signal.aborted) throw error;
      }
      await delay(RETRY_MS);
    }
  }
}
