import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import type { Revision } from '../store/object-store.js';
import { StrayContent } from './stray-content.js';

const registry = new KindRegistry(kinds);
const namespaces = registry.resource('namespaces');
const maps = registry.resource('configmaps');
let uids = 0;

describe('StrayContent', () => {
  let store: MemoryObjectStore;
  let nowMs: number;

  beforeEach(() => {
    store = new MemoryObjectStore({ kinds });
    nowMs = 1_000_000;
  });

  async function create(
    kind: typeof maps,
    name: string,
    options: { namespace?: string; at?: string } = {},
  ): Promise<string> {
    const uid = `uid-${++uids}`;
    const { namespace, at = '2026-01-01T00:00:00Z' } = options;
    await store.write({
      type: 'create',
      kind,
      object: {
        apiVersion: 'v1',
        kind: kind.kind,
        metadata: {
          name,
          uid,
          creationTimestamp: at,
          ...(namespace !== undefined && { namespace }),
        },
      },
    });
    return uid;
  }

  async function end(uid: string): Promise<void> {
    const stored = await store.getByUid(namespaces, uid);
    const expectedResourceVersion = stored?.resourceVersion ?? 0;
    await store.write({ type: 'delete', kind: namespaces, uid, expectedResourceVersion });
  }

  /** The names of what is found, entry by entry of the log. */
  async function follow(strays: StrayContent, after = 0): Promise<string[]> {
    const names: string[] = [];
    const revisions: readonly Revision[] = await store.revisionsAfter(after, 100);
    for (const revision of revisions) {
      names.push(...(await strays.of(revision)).map(({ name }) => name));
    }
    return names;
  }

  it('finds what was committed before the namespace ended', async () => {
    const namespace = await create(namespaces, 'n');
    await create(maps, 'counted-too-late', { namespace: 'n' });
    await create(namespaces, 'other');
    await create(maps, 'elsewhere', { namespace: 'other' });
    await end(namespace);
    const strays = new StrayContent({ registry, store, now: () => nowMs });
    expect(await follow(strays)).to.deep.equal(['counted-too-late']);
  });

  it('finds what was committed after it, as long as a request may last', async () => {
    await end(await create(namespaces, 'n'));
    const strays = new StrayContent({ registry, store, now: () => nowMs });
    expect(await follow(strays)).to.deep.equal([]);
    let version = await store.currentVersion();
    await create(maps, 'late', { namespace: 'n' });
    expect(await follow(strays, version)).to.deep.equal(['late']);
    version = await store.currentVersion();
    nowMs += 600_000;
    await create(maps, 'impossible', { namespace: 'n' });
    expect(await follow(strays, version)).to.deep.equal([]);
  });

  it('leaves alone what is in a namespace made anew', async () => {
    const first = await create(namespaces, 'n', { at: '2026-01-01T00:00:00Z' });
    await create(maps, 'old', { namespace: 'n', at: '2026-01-01T00:00:05Z' });
    await end(first);
    await create(namespaces, 'n', { at: '2026-01-01T00:00:10Z' });
    await create(maps, 'new', { namespace: 'n', at: '2026-01-01T00:00:11Z' });
    const strays = new StrayContent({ registry, store, now: () => nowMs });
    expect(await follow(strays)).to.deep.equal(['old']);
  });
});
