import type { ApiObject, StoredApiObject } from '../api/object.js';
import type { ReadKey } from '../api/work.js';
import type { ApiPort } from './api-port.js';
import { withMethods } from './with-methods.js';

/** Whoever finds an object of `resource` asks for the one that it names next. */
export interface NamedRead {
  readonly resource: string;
  /** What the object names, if anything. Must not throw. */
  readonly namedBy: (object: StoredApiObject) => ReadKey | undefined;
}

/**
 * Saves the second of two reads in a row: what an object named when it was last found is asked for
 * together with it the next time. Only that name is remembered, one for each object of the rule. What
 * was read ahead is used if it is asked for as soon as the object is found, and is there; otherwise
 * it is as if nothing had been read ahead.
 */
export class ReadAhead {
  readonly #rule: NamedRead;
  readonly #lastNamed = new Map<string, ReadKey>();

  constructor(rule: NamedRead) {
    this.#rule = rule;
  }

  /** The API of one attempt: what is read ahead for it is for nobody else. */
  port(api: ApiPort): ApiPort {
    const rule = this.#rule;
    let ahead: ReadAheadObject | undefined;

    const findNaming = async <O extends ApiObject>(key: ReadKey) => {
      const finding = api.find<O>(key.resource, key);
      const guess = this.#readLastNamed(api, key);
      const found = await finding;
      this.#remember(key, found === undefined ? undefined : rule.namedBy(found));
      ahead = guess;
      // Whoever waited goes on in this turn of the event loop; after it, it may be out of date.
      setImmediate(() => (ahead = undefined));
      return found;
    };

    return withMethods(api, {
      async find<O extends ApiObject>(resource: string, key: Omit<ReadKey, 'resource'>) {
        if (resource === rule.resource) return findNaming<O>({ resource, ...key });
        if (ahead?.id === idOf({ resource, ...key })) {
          const { object } = ahead;
          ahead = undefined;
          const found = await object;
          if (found !== undefined) return found as O & StoredApiObject;
        }
        return api.find<O>(resource, key);
      },
    });
  }

  #readLastNamed(api: ApiPort, key: ReadKey): ReadAheadObject | undefined {
    const named = this.#lastNamed.get(idOf(key));
    if (named === undefined) return undefined;
    // Its failure is nobody's: who needs the object asks for it then.
    const object = api.find(named.resource, named).catch(() => undefined);
    return { id: idOf(named), object };
  }

  #remember(key: ReadKey, named: ReadKey | undefined): void {
    if (named === undefined) this.#lastNamed.delete(idOf(key));
    else this.#lastNamed.set(idOf(key), named);
  }
}

interface ReadAheadObject {
  readonly id: string;
  readonly object: Promise<StoredApiObject | undefined>;
}

function idOf({ resource, namespace = '', name }: ReadKey): string {
  return `${resource} ${namespace}/${name}`;
}
