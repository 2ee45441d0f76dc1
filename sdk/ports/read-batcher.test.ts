import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { StoredApiObject } from '../api/object.js';
import type { ReadKey, ReadRequest } from '../api/work.js';
import { ReadBatcher } from './read-batcher.js';

const named = (name: string): ReadKey => ({ resource: 'things', namespace: 'n', name });

/** A server that has everything but what is `gone`; notes each request by the names in it. */
class FakeServer {
  readonly requests: string[] = [];
  /** Thrown by a request for any of these names. */
  readonly failures = new Map<string, Error>();
  readonly batcher = new ReadBatcher({
    find: async (resource, { namespace, name }) => {
      this.#note('find', [name]);
      return this.#object({ resource, name, ...(namespace !== undefined && { namespace }) });
    },
    read: async ({ keys }: ReadRequest) => {
      this.#note(
        'read',
        keys.map(({ name }) => name),
      );
      return { objects: keys.map((key) => this.#object(key) ?? null) };
    },
  });

  /** What the finds, made in one turn, come to. */
  async finds(...keys: readonly ReadKey[]): Promise<string[]> {
    const settled = await Promise.allSettled(keys.map((key) => this.batcher.find(key)));
    return settled.map((each) =>
      each.status === 'fulfilled' ? (each.value?.metadata.name ?? 'none') : String(each.reason),
    );
  }

  #note(call: string, names: readonly string[]): void {
    this.requests.push(`${call} ${names.length > 5 ? names.length : names.join(' ')}`);
    for (const name of names) {
      const failure = this.failures.get(name);
      if (failure !== undefined) throw failure;
    }
  }

  #object({ resource, name, namespace }: ReadKey): StoredApiObject | undefined {
    if (name === 'gone') return undefined;
    const metadata = { name: `${resource}/${namespace ?? ''}/${name}` };
    return { apiVersion: 'v1', kind: 'Thing', metadata } as StoredApiObject;
  }
}

describe('ReadBatcher', () => {
  let server: FakeServer;
  beforeEach(() => {
    server = new FakeServer();
  });

  const turns: { name: string; reason: string; keys: ReadKey[]; want: string[]; asks: string[] }[] =
    [
      {
        name: 'one',
        reason: 'a plain GET is cheapest',
        keys: [named('a')],
        want: ['things/n/a'],
        asks: ['find a'],
      },
      {
        name: 'several',
        reason: 'one request; each gets its own, also of other kinds and namespaces',
        keys: [named('b'), { resource: 'others', name: 'b' }, named('a')],
        want: ['things/n/b', 'others//b', 'things/n/a'],
        asks: ['read b b a'],
      },
      {
        name: 'some that are missing',
        reason: 'missing is undefined, alone and among others',
        keys: [named('gone'), named('a')],
        want: ['none', 'things/n/a'],
        asks: ['read gone a'],
      },
      {
        name: 'one asked for twice',
        reason: 'it is sent once',
        keys: [named('a'), named('a')],
        want: ['things/n/a', 'things/n/a'],
        asks: ['find a'],
      },
      {
        name: 'one asked for twice among others',
        reason: 'it is sent once, and the order stays',
        keys: [named('a'), named('b'), named('a')],
        want: ['things/n/a', 'things/n/b', 'things/n/a'],
        asks: ['read a b'],
      },
      {
        name: '1,001',
        reason: 'the server takes 500 at most',
        keys: Array.from({ length: 1_001 }, (_, index) => named(`t${index}`)),
        want: Array.from({ length: 1_001 }, (_, index) => `things/n/t${index}`),
        asks: ['read 500', 'read 500', 'find t1000'],
      },
    ];
  for (const { name, reason, keys, want, asks } of turns) {
    it(`${name} in one turn: ${reason}`, async () => {
      expect(await server.finds(...keys)).to.deep.equal(want);
      expect(server.requests).to.deep.equal(asks);
    });
  }

  it('gathers the first finds of async functions, however deep they are', async () => {
    const deep = async (name: string, depth: number): Promise<unknown> => {
      for (let level = 0; level < depth; level++) await Promise.resolve();
      return server.batcher.find(named(name));
    };
    await Promise.all([deep('a', 0), deep('b', 5), deep('c', 50)]);
    expect(server.requests).to.deep.equal(['read a b c']);
  });

  it('asks again in a later turn, also for what is on its way', async () => {
    const first = server.finds(named('a'), named('b'));
    await new Promise(setImmediate);
    const second = server.finds(named('a'), named('c'));
    await Promise.all([first, second]);
    expect(server.requests).to.deep.equal(['read a b', 'read a c']);
  });

  it('gives everybody an object of their own', async () => {
    const [first, second] = await Promise.all(
      [named('a'), named('a'), named('b')].map((key) => server.batcher.find(key)),
    );
    expect(first).to.deep.equal(second);
    Object.freeze(first?.metadata);
    if (second !== undefined) second.metadata.name = 'changed';
    expect(first?.metadata.name).to.equal('things/n/a');
  });

  const failures: { error: Error; reason: string; want: string[]; asks: string[] }[] = [
    {
      error: new ApiError('ServiceUnavailable', 'away'),
      reason: 'a server that is away is so for all who wait',
      want: ['ApiError: away', 'ApiError: away', 'ApiError: away'],
      asks: ['read a bad'],
    },
    {
      error: new ApiError('Forbidden', 'not yours'),
      reason: 'who may not read may not read any',
      want: ['ApiError: not yours', 'ApiError: not yours', 'ApiError: not yours'],
      asks: ['read a bad'],
    },
    {
      error: new ApiError('BadRequest', 'no such name'),
      reason: 'one that is refused does not take the others with it',
      want: ['things/n/a', 'ApiError: no such name', 'things/n/a'],
      asks: ['read a bad', 'find a', 'find bad'],
    },
    {
      error: new ApiError('InternalError', 'cannot decrypt'),
      reason: 'one that the server fails over does not take the others with it',
      want: ['things/n/a', 'ApiError: cannot decrypt', 'things/n/a'],
      asks: ['read a bad', 'find a', 'find bad'],
    },
  ];
  for (const { error, reason, want, asks } of failures) {
    it(`${String(error)}: ${reason}`, async () => {
      server.failures.set('bad', error);
      expect(await server.finds(named('a'), named('bad'), named('a'))).to.deep.equal(want);
      expect(server.requests).to.deep.equal(asks);
      server.failures.clear();
      expect(await server.finds(named('bad')), 'it goes on').to.deep.equal(['things/n/bad']);
    });
  }

  it('fails only the batch that failed', async () => {
    const many = Array.from({ length: 500 }, (_, index) => named(`t${index}`));
    server.failures.set('t0', new ApiError('Timeout', 'too slow'));
    const outcomes = await server.finds(...many, named('a'), named('b'));
    expect(new Set(outcomes.slice(0, 500))).to.deep.equal(new Set(['ApiError: too slow']));
    expect(outcomes.slice(500)).to.deep.equal(['things/n/a', 'things/n/b']);
  });

  it('does not take a short answer for missing objects', async () => {
    const batcher = new ReadBatcher({
      find: () => Promise.reject(new Error('not asked')),
      read: async () => ({ objects: [null] }),
    });
    const settled = await Promise.allSettled([batcher.find(named('a')), batcher.find(named('b'))]);
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
  });
});
