import { setTimeout as delay } from 'node:timers/promises';
import type { KubeAnswer, KubeHttp, KubeWatchEvent } from '../../support/kube-http.js';
import type { SeenEvent } from './replay.js';

export const MAPS = '/api/v1/namespaces/default/configmaps';
const RETRY_MS = 50;

/** A write that a server said was done. */
export interface Acknowledged {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly uid: string;
  /** 0 for a deletion, whose answer does not say. */
  readonly resourceVersion: number;
}

/** What the clients of one run share. Each call goes to any server, dead or alive. */
export interface ClientContext {
  readonly servers: readonly KubeHttp[];
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** What should never have been seen. */
  readonly faults: string[];
}

function anyOf<Choice>({ random }: ClientContext, choices: readonly Choice[]): Choice {
  return choices[Math.floor(random() * choices.length)] as Choice;
}

/** Asks one server after the other until one answers; undefined when the run is over. */
async function ask(context: ClientContext, path: string): Promise<KubeAnswer | undefined> {
  while (!context.signal.aborted) {
    const answer = await anyOf(context, context.servers)
      .call('GET', path)
      .catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    await delay(RETRY_MS);
  }
  return undefined;
}

/** Creates, changes and deletes objects of its own, and some that all writers fight over. */
export async function writeOn(
  context: ClientContext,
  writer: number,
  acknowledged: Acknowledged[],
): Promise<void> {
  const send = async (
    type: Acknowledged['type'],
    ...[method, path, options]: Parameters<KubeHttp['call']>
  ): Promise<KubeAnswer | undefined> => {
    const server = anyOf(context, context.servers);
    const answer = await server.call(method, path, options).catch(() => undefined);
    if (answer === undefined || answer.status >= 500) {
      await delay(RETRY_MS);
      return undefined;
    }
    if (answer.status >= 300) return undefined;
    const { metadata, details } = answer.body;
    acknowledged.push({
      type,
      uid: type === 'DELETED' ? details.uid : metadata.uid,
      resourceVersion: type === 'DELETED' ? 0 : Number(metadata.resourceVersion),
    });
    return answer;
  };
  for (let i = 0; !context.signal.aborted; i++) {
    const name = `w${writer}-${i}`;
    const room = anyOf(context, ['a', 'b']);
    await send('ADDED', 'POST', MAPS, { body: { metadata: { name, labels: { room } } } });
    const patch = { type: 'application/merge-patch+json' };
    const labels = { room: anyOf(context, ['a', 'b', null]), n: String(i) };
    await send('MODIFIED', 'PATCH', `${MAPS}/${name}`, {
      ...patch,
      body: { metadata: { labels } },
    });
    const shared = `shared-${i % 3}`;
    const live = await ask(context, `${MAPS}/${shared}`);
    if (live?.status === 404) {
      await send('ADDED', 'POST', MAPS, { body: { metadata: { name: shared } } });
    } else if (live !== undefined) {
      const body = { ...live.body, data: { by: name } };
      await send('MODIFIED', 'PUT', `${MAPS}/${shared}`, { body });
    }
    if (i % 3 > 0) await send('DELETED', 'DELETE', `${MAPS}/${name}`);
    if (i % 10 === 9) await send('DELETED', 'DELETE', `${MAPS}/${shared}`);
  }
}

/** Follows a watch over one server after the other, each from where the one before ended. */
export class Follower {
  readonly events: SeenEvent[] = [];
  /** The version up to which it has been told everything. */
  position: number;
  interruptions = 0;
  readonly from: number;
  readonly selector: string;

  constructor(from: number, selector: string) {
    this.from = from;
    this.position = from;
    this.selector = selector;
  }

  async run(context: ClientContext): Promise<void> {
    const query = `watch=1&allowWatchBookmarks=true&labelSelector=${this.selector}`;
    for (; !context.signal.aborted; this.interruptions++) {
      const timeoutSeconds = 1 + Math.floor(context.random() * 3);
      const path = `${MAPS}?${query}&timeoutSeconds=${timeoutSeconds}&resourceVersion=${this.position}`;
      const server = anyOf(context, context.servers);
      await server
        .watch(path, (event) => this.#see(event, context), { signal: context.signal })
        .catch(() => delay(RETRY_MS));
    }
  }

  #see({ type, object }: KubeWatchEvent, { faults }: ClientContext): void {
    const resourceVersion = Number(object.metadata.resourceVersion);
    if (type === 'ERROR') {
      faults.push(`an error after ${this.position}: ${JSON.stringify(object)}`);
      return;
    }
    const isBookmark = type === 'BOOKMARK';
    if (resourceVersion < this.position || (!isBookmark && resourceVersion === this.position)) {
      faults.push(`${type} ${resourceVersion} after ${this.position}`);
    }
    this.position = resourceVersion;
    if (!isBookmark) this.events.push({ type, resourceVersion, object: JSON.stringify(object) });
  }
}

/** A list by pages, each of any server. */
export interface SeenList {
  readonly version: number;
  readonly selector: string;
  readonly items: readonly string[];
}

/** Lists again and again, sometimes as of a version before. */
export async function listOn(context: ClientContext, lists: SeenList[]): Promise<void> {
  while (!context.signal.aborted) {
    const selector = anyOf(context, ['', 'room=a', '!room']);
    const limit = anyOf(context, [1, 5, 17, 500]);
    const query = `labelSelector=${encodeURIComponent(selector)}`;
    const before = lists.at(-1)?.version;
    const version =
      before === undefined || context.random() < 0.5 ? '' : `&resourceVersion=${before}`;
    const items: string[] = [];
    let next = version;
    for (;;) {
      const answer = await ask(context, `${MAPS}?${query}&limit=${limit}${next}`);
      if (answer === undefined) return;
      const { metadata } = answer.body;
      if (answer.status !== 200) {
        context.faults.push(`a list failed: ${JSON.stringify(answer.body)}`);
        return;
      }
      items.push(...answer.body.items.map((item: unknown) => JSON.stringify(item)));
      if (metadata.continue === undefined) {
        lists.push({ version: Number(metadata.resourceVersion), selector, items });
        break;
      }
      next = `&continue=${metadata.continue}`;
    }
  }
}
