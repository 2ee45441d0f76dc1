import { expect } from 'chai';
import { InProcessQueue } from './in-process-queue.js';

const key = (uid: string, resource = 'things') => ({ resource, uid });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('InProcessQueue', () => {
  it('gives each hint once to one subscriber of its resource', async () => {
    const queue = new InProcessQueue();
    const seen: string[][] = [[], [], []];
    const take = (index: number) => (keys: readonly { uid: string }[]) =>
      void seen[index]?.push(...keys.map(({ uid }) => uid));
    queue.subscribe(['things'], take(0));
    queue.subscribe(['things'], take(1));
    queue.subscribe(['others'], take(2));
    await queue.publish([key('a'), key('a'), key('b')]);
    await queue.publish([key('b'), key('c', 'others'), key('d', 'nobody takes these')]);
    await turn();
    expect([...(seen[0] ?? []), ...(seen[1] ?? [])].toSorted()).to.deep.equal(['a', 'b']);
    expect(seen[2]).to.deep.equal(['c']);
  });

  it('brings nothing more after unsubscribing', async () => {
    const queue = new InProcessQueue();
    let hints = 0;
    const unsubscribe = queue.subscribe(['things'], (keys) => (hints += keys.length));
    await queue.publish([key('a')]);
    unsubscribe();
    await turn();
    expect(hints).to.equal(0);
  });
});
