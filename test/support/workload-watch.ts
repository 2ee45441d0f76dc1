import type { Client } from '../../client/index.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Workload } from '../../sdk/api/zz_generated.types.js';

type StoredWorkload = Workload & StoredApiObject;

const RESOURCE = 'workloads.workload.threeport.io';

/** One watch over all workloads: tells when they come to be what is waited for. */
export class WorkloadWatch {
  readonly #objects = new Map<string, StoredWorkload>();
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #failure: unknown;

  static async open(client: Client): Promise<WorkloadWatch> {
    const watch = new WorkloadWatch();
    const { items, resourceVersion } = await client.list<Workload>(RESOURCE, {});
    for (const item of items) watch.#objects.set(item.metadata.name, item);
    void watch.#follow(client, resourceVersion);
    return watch;
  }

  /** The time, by performance.now(), at which the workload was seen so. */
  when(name: string, test: (object: StoredWorkload) => boolean): Promise<number> {
    return this.#until(() => {
      const object = this.#objects.get(name);
      return object !== undefined && test(object);
    });
  }

  /** @throws Error after `timeoutMs`. */
  async until(
    what: string,
    timeoutMs: number,
    test: (objects: StoredWorkload[]) => boolean,
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`it is not true after ${timeoutMs} ms that ${what}`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    await Promise.race([this.#until(() => test([...this.#objects.values()])), late]);
    clearTimeout(timer);
  }

  close(): void {
    this.#stop.abort();
  }

  #until(test: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#failure !== undefined) reject(this.#failure as Error);
        else if (test()) resolve(performance.now());
        else return;
        this.#listeners.delete(look);
      };
      this.#listeners.add(look);
      look();
    });
  }

  async #follow(client: Client, resourceVersion: string): Promise<void> {
    try {
      const options = { resourceVersion, signal: this.#stop.signal };
      for await (const { type, object } of client.watch<Workload>(RESOURCE, options)) {
        if (type === 'DELETED') this.#objects.delete(object.metadata.name);
        else if (type !== 'BOOKMARK') this.#objects.set(object.metadata.name, object);
        for (const listener of this.#listeners) listener();
      }
      this.#failure ??= new Error('the watch of the workloads ended');
    } catch (error) {
      this.#failure ??= error;
    }
    if (!this.#stop.signal.aborted) for (const listener of this.#listeners) listener();
  }
}
