import { isApiError } from '../api/errors.js';
import type { StoredApiObject } from '../api/object.js';
import type { ReadKey, ReadRequest, ReadResponse } from '../api/work.js';

/** How one object is asked for, and how several are. */
export interface ReadClient {
  find(
    resource: string,
    key: { readonly namespace?: string; readonly name: string },
  ): Promise<StoredApiObject | undefined>;
  read(request: ReadRequest): Promise<ReadResponse>;
}

type Found = StoredApiObject | undefined;

/** One object and everybody who waits for it. */
interface Asked {
  readonly key: ReadKey;
  readonly waiters: {
    readonly resolve: (found: Found) => void;
    readonly reject: (error: unknown) => void;
  }[];
}

const LARGEST_BATCH = 500;

/**
 * Sends what is asked for in one turn of the event loop as one request, an object that is asked for
 * twice only once. Everybody gets an object of their own, read after they asked. An object that
 * makes the server fail a batch does not take the others with it.
 */
export class ReadBatcher {
  readonly #client: ReadClient;
  #asked = new Map<string, Asked>();

  constructor(client: ReadClient) {
    this.#client = client;
  }

  /** @throws what the server answered, or why it could not be asked. */
  find({ resource, namespace, name }: ReadKey): Promise<Found> {
    return new Promise((resolve, reject) => {
      // A microtask would run before async functions a few awaits deep have come to their first
      // find, and between attempts that one answer began. An immediate runs after all of them, as
      // soon as the answers that are there have been dealt with: nothing is waited for.
      if (this.#asked.size === 0) setImmediate(() => this.#send());
      const id = JSON.stringify([resource, namespace, name]);
      const key = { resource, name, ...(namespace !== undefined && { namespace }) };
      const asked = this.#asked.get(id) ?? { key, waiters: [] };
      asked.waiters.push({ resolve, reject });
      this.#asked.set(id, asked);
    });
  }

  #send(): void {
    const asked = [...this.#asked.values()];
    this.#asked = new Map();
    for (let at = 0; at < asked.length; at += LARGEST_BATCH) {
      const batch = asked.slice(at, at + LARGEST_BATCH);
      void (batch.length === 1 ? this.#findEach(batch) : this.#read(batch));
    }
  }

  async #read(batch: readonly Asked[]): Promise<void> {
    try {
      const { objects } = await this.#client.read({ keys: batch.map(({ key }) => key) });
      batch.forEach((asked, index) => settle(asked, objects[index]));
    } catch (error) {
      if (mayBeOfOneObject(error)) await this.#findEach(batch);
      else for (const asked of batch) fail(asked, error);
    }
  }

  async #findEach(batch: readonly Asked[]): Promise<void> {
    await Promise.all(
      batch.map(async (asked) => {
        try {
          const { resource, ...key } = asked.key;
          settle(asked, (await this.#client.find(resource, key)) ?? null);
        } catch (error) {
          fail(asked, error);
        }
      }),
    );
  }
}

function settle(asked: Asked, object: StoredApiObject | null | undefined): void {
  if (object === undefined) {
    fail(asked, new Error('the server answered fewer objects than asked'));
    return;
  }
  asked.waiters.forEach(({ resolve }, index) => {
    if (object === null) resolve(undefined);
    else resolve(index === 0 ? object : structuredClone(object));
  });
}

function fail({ waiters }: Asked, error: unknown): void {
  for (const { reject } of waiters) reject(error);
}

/** A name that is refused, or a Secret that cannot be decrypted; not that the server is away. */
function mayBeOfOneObject(error: unknown): boolean {
  return isApiError(error, 'BadRequest') || isApiError(error, 'InternalError');
}
