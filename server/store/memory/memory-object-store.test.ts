import { expect } from 'chai';
import { describeObjectStore } from '../object-store-suite.js';
import { create, suiteKinds, widget } from '../suite/suite-kinds.js';
import { MemoryObjectStore } from './memory-object-store.js';

describeObjectStore('memory', async () => {
  const store = new MemoryObjectStore({ kinds: suiteKinds });
  await store.start(new AbortController().signal);
  return { store, second: store, close: () => store.stop() };
});

describe('MemoryObjectStore', () => {
  it('lives by the clock it is given', async () => {
    let now = 1_000;
    const store = new MemoryObjectStore({ kinds: suiteKinds, clock: { now: () => now } });
    await create(store, widget, 'w');
    const claim = (worker: string) => store.claim(widget, { worker, leaseMs: 100, limit: 1 });
    expect(await claim('a')).to.have.length(1);
    now += 99;
    expect(await claim('b')).to.have.length(0);
    now += 1;
    expect(await claim('b')).to.have.length(1);
  });
});
