import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { ApiWorld } from '../../test/support/api-world.js';
import { startApiWorld } from '../../test/support/api-world.js';
import { EventExpiry } from './event-expiry.js';

const EVENTS = '/api/v1/namespaces/default/events';
const HOUR_MS = 3_600_000;

describe('EventExpiry', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

  async function record(name: string, times: Record<string, string>): Promise<void> {
    const body = { metadata: { name }, involvedObject: {}, ...times };
    expect((await world.call('POST', EVENTS, { body })).status).to.equal(201);
  }

  it('ends what did not happen for an hour, and writes nothing else', async () => {
    await record('old', { lastTimestamp: ago(2 * HOUR_MS), firstTimestamp: ago(3 * HOUR_MS) });
    await record('again', { lastTimestamp: ago(1_000), firstTimestamp: ago(3 * HOUR_MS) });
    await record('untimed', {});
    const { store } = world;
    let aheadMs = 0;
    const expiry = new EventExpiry({
      registry: new KindRegistry(kinds),
      store,
      service: world.server.service,
      logger: nopLogger,
      now: () => Date.now() + aheadMs,
    });
    const names = async (): Promise<string[]> =>
      (await world.call('GET', EVENTS)).body.items.map(
        ({ metadata }: { metadata: { name: string } }) => metadata.name,
      );

    // Created just now, all of them: the newest of its times counts.
    const version = await store.currentVersion();
    await expiry.expire();
    expect(await store.currentVersion()).to.equal(version);
    aheadMs = HOUR_MS - 5_000;
    await expiry.expire();
    expect(await names()).to.have.members(['again', 'old', 'untimed']);
    aheadMs = HOUR_MS + 5_000;
    await expiry.expire();
    expect(await names()).to.deep.equal([]);
  });
});
