import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { StoredApiObject } from '../api/object.js';
import type { ReadKey } from '../api/work.js';
import { nopLogger } from '../logger.js';
import type { ApiPort } from './api-port.js';
import type { ObjectClient } from './client-api-port.js';
import { createClientApi } from './client-api-port.js';
import { guardPorts } from './guard-ports.js';
import { ReadAhead } from './read-ahead.js';
import { recordEffects } from './record-effects.js';

const secret = (name: string): ReadKey => ({ resource: 'secrets', namespace: 'n', name });

describe('ReadAhead', () => {
  /** By `resource name`; what `things t` is names a Secret. */
  const objects = new Map<string, string>();
  const failing = new Set<string>();
  const requests: string[] = [];
  let readAhead: ReadAhead;
  let api: ApiPort;

  beforeEach(() => {
    objects.clear();
    failing.clear();
    requests.length = 0;
    objects.set('things t', 's1').set('secrets s1', 'one').set('secrets s2', 'two');
    const object = (key: ReadKey): StoredApiObject | undefined => {
      const id = `${key.resource} ${key.name}`;
      if (failing.has(id)) throw new ApiError('InternalError', `cannot read ${id}`);
      const says = objects.get(id);
      return says === undefined ? undefined : ({ metadata: {}, says } as never);
    };
    const client = {
      find: async (resource: string, key: { name: string }) => {
        requests.push(key.name);
        return object({ resource, name: key.name });
      },
      read: async ({ keys }: { keys: readonly ReadKey[] }) => {
        requests.push(keys.map(({ name }) => name).join(' '));
        return { objects: keys.map((key) => object(key) ?? null) };
      },
    } as unknown as ObjectClient;
    api = createClientApi(client, 'threeport-test')();
    readAhead = new ReadAhead({
      resource: 'things',
      namedBy: (thing) => secret((thing as unknown as { says: string }).says),
    });
  });

  const says = (found: unknown): string => (found as { says: string } | undefined)?.says ?? 'none';
  /** An attempt as the runtime makes it: reads the thing, then the Secret that it names. */
  const attempt = async (api: ApiPort = attemptPort()): Promise<string> => {
    const thing = await api.find('things', { name: 't' });
    if (thing === undefined) return 'no thing';
    const { resource, ...key } = secret(says(thing));
    return says(await api.find(resource, key));
  };
  const attemptPort = (): ApiPort => {
    const ports = { api: readAhead.port(api), log: nopLogger } as never;
    return guardPorts(
      recordEffects(ports, () => undefined),
      () => undefined,
    ).api;
  };
  /** What was asked for, request by request, since the last time. */
  const asked = (): string[] => requests.splice(0);

  it('reads one after the other the first time, and together from then on', async () => {
    expect(await attempt()).to.equal('one');
    expect(asked()).to.deep.equal(['t', 's1']);
    for (const value of ['one', 'changed']) {
      objects.set('secrets s1', value);
      expect(await attempt()).to.equal(value);
      expect(asked()).to.deep.equal(['t s1']);
    }
  });

  const changes: { name: string; reason: string; arrange: () => void; want: string[] }[] = [
    {
      name: 'the object names another now',
      reason: 'that one is read and used',
      arrange: () => objects.set('things t', 's2'),
      want: ['two', 't s1', 's2'],
    },
    {
      name: 'what it names was not there',
      reason: 'it may have come since',
      arrange: () => objects.delete('secrets s1'),
      want: ['none', 't s1', 's1'],
    },
    {
      name: 'what it names cannot be read',
      reason: 'the error is the one of asking for it',
      arrange: () => failing.add('secrets s1'),
      want: ['ApiError: cannot read secrets s1', 't s1', 't', 's1', 's1'],
    },
    {
      name: 'what it named cannot be read, and it names another now',
      reason: 'nobody needs it',
      arrange: () => {
        failing.add('secrets s1');
        objects.set('things t', 's2');
      },
      want: ['two', 't s1', 't', 's1', 's2'],
    },
    {
      name: 'the object is gone',
      reason: 'nothing follows',
      arrange: () => objects.delete('things t'),
      want: ['no thing', 't s1'],
    },
    {
      name: 'the object cannot be read',
      reason: 'its error is told',
      arrange: () => failing.add('things t'),
      want: ['ApiError: cannot read things t', 't s1', 't', 's1'],
    },
  ];
  for (const { name, reason, arrange, want } of changes) {
    it(`${name}: ${reason}`, async () => {
      await attempt();
      asked();
      arrange();
      const outcome = await attempt().catch(String);
      expect([outcome, ...asked()]).to.deep.equal(want);
    });
  }

  it('goes by what it named last', async () => {
    await attempt();
    objects.set('things t', 's2');
    await attempt();
    asked();
    expect(await attempt()).to.equal('two');
    expect(asked()).to.deep.equal(['t s2']);
  });

  it('uses what was read ahead once, in the turn in which the object was found', async () => {
    await attempt();
    const api = attemptPort();
    asked();
    const { resource, ...key } = secret('s1');
    await attempt(api).then(() => api.find(resource, key));
    expect(asked(), 'asked for twice').to.deep.equal(['t s1', 's1']);
    await api.find('things', { name: 't' });
    await new Promise(setImmediate);
    objects.set('secrets s1', 'newer');
    expect(says(await api.find(resource, key))).to.equal('newer');
    expect(asked(), 'asked for later').to.deep.equal(['t s1', 's1']);
  });

  it('gives what was read ahead to nobody else', async () => {
    await attempt();
    asked();
    const { resource, ...key } = secret('s1');
    const other = attemptPort();
    const [, theirs] = await Promise.all([
      attempt(),
      attemptPort()
        .find('things', { name: 't' })
        .then(() => other.find(resource, key)),
    ]);
    expect(says(theirs)).to.equal('one');
    expect(asked()).to.deep.equal(['t s1', 's1']);
  });

  it('passes everything else on', async () => {
    const calls: string[] = [];
    const api: ApiPort = {
      find: async (resource) => void calls.push(`find ${resource}`) as undefined,
      list: async (resource) => (calls.push(`list ${resource}`), []),
      dryRunApply: async (object) => (calls.push(`dry ${object.kind}`), object as never),
      apply: async (object) => (calls.push(`apply ${object.kind}`), object as never),
      delete: async (resource) => void calls.push(`delete ${resource}`),
    };
    const port = new ReadAhead({ resource: 'things', namedBy: () => undefined }).port(api);
    await port.find('others', { name: 'o' });
    await port.list('things');
    await port.apply({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' } });
    await port.delete('things', { metadata: { name: 't' } });
    expect(calls).to.deep.equal(['find others', 'list things', 'apply Thing', 'delete things']);
  });
});
