import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { ObjectCodec } from '../resource/object-codec.js';
import { eventually } from '../../test/support/eventually.js';
import { EventWindow } from './event-window.js';
import { WatchEvent } from './watch-event.js';
import type { TailListener } from './watch-fanout.js';
import { WatchFanout } from './watch-fanout.js';

const registry = new KindRegistry(kinds);
const kind = registry.resource('configmaps');
const codec = new ObjectCodec(registry);

function event(resourceVersion: number, text = ''): WatchEvent {
  const metadata = { name: 'a', namespace: 'n' };
  const json = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } });
  const object = { resource: 'configmaps', uid: 'u', namespace: 'n', name: 'a' };
  return new WatchEvent(
    { resourceVersion, type: 'MODIFIED', object: { ...object, resourceVersion, json } },
    codec,
  );
}

class Listener implements TailListener {
  readonly seen: number[] = [];
  readonly ends: string[] = [];
  batches = 0;
  readonly #onEvents: (seen: readonly number[]) => void;

  constructor(onEvents: (seen: readonly number[]) => void = () => undefined) {
    this.#onEvents = onEvents;
  }

  events: TailListener['events'] = ({ events }) => {
    this.batches += 1;
    this.seen.push(...events.map(({ resourceVersion }) => resourceVersion));
    this.#onEvents(this.seen);
  };
  overtaken = (): void => void this.ends.push('overtaken');
  expired = (): void => void this.ends.push('expired');
}

describe('the fan-out of a watch', () => {
  let window: EventWindow;
  let fanout: WatchFanout;
  let version: number;

  beforeEach(() => {
    window = new EventWindow();
    fanout = new WatchFanout(window);
    version = 0;
  });

  const publish = (count: number, text = ''): void => {
    for (let i = 0; i < count; i++) window.push(event(++version, text));
    fanout.wake();
  };
  const after = (from: number): number[] =>
    Array.from({ length: version - from }, (_, i) => from + i + 1);

  it('gives everything once and in order to who comes and goes meanwhile', async () => {
    publish(5);
    const all = new Listener();
    const leaver = new Listener((seen) => {
      if (seen.length >= 3) fanout.remove(leaver);
    });
    const late: { from: number; listener: Listener }[] = [];
    const joiner = new Listener((seen) => {
      const from = (seen.at(-1) ?? 0) - 2;
      const listener = new Listener();
      late.push({ from, listener });
      if (late.length < 20) fanout.add(listener, from);
    });
    fanout.add(all, 0);
    fanout.add(leaver, 2);
    fanout.add(joiner, 5);
    for (let i = 0; i < 30; i++) {
      publish(3);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('everything came', () => all.seen.length === version);
    expect(all.seen).to.deep.equal(after(0));
    expect(leaver.seen).to.deep.equal(after(2).slice(0, leaver.seen.length));
    expect(leaver.seen.length).to.be.lessThan(10);
    expect(late.length).to.be.greaterThan(10);
    for (const { from, listener } of late.slice(0, 19)) {
      await eventually('a late one caught up', () => listener.seen.length === version - from);
      expect(listener.seen).to.deep.equal(after(from));
    }
  });

  it('calls nobody before the one who joins is done', () => {
    publish(1);
    const listener = new Listener();
    fanout.add(listener, 0);
    expect(listener.seen).to.deep.equal([]);
  });

  it('gives one, when asked to, what is there before its turn, and never again', async () => {
    const [hasty, other] = [new Listener(), new Listener()];
    fanout.add(hasty, 0);
    fanout.add(other, 0);
    publish(3);
    fanout.flush(hasty);
    expect([hasty.seen, other.seen]).to.deep.equal([after(0), []]);
    publish(1);
    await eventually('the other has it too', () => other.seen.length === 4);
    expect(hasty.seen).to.deep.equal(after(0));
    fanout.flush(hasty);
    fanout.remove(other);
    fanout.flush(other);
    expect([hasty.seen, other.seen]).to.deep.equal([after(0), after(0)]);
  });

  it('lets others have their turn between slow listeners, and sends what came meanwhile as one', async () => {
    const spin = (): void => {
      for (const end = performance.now() + 6; performance.now() < end;);
    };
    const listeners = Array.from({ length: 10 }, () => new Listener(spin));
    for (const listener of listeners) fanout.add(listener, 0);
    let turns = 0;
    let ticking = true;
    const tick = (): void => {
      turns += 1;
      // Somebody writes in every turn.
      if (turns <= 10) publish(1);
      if (ticking) setImmediate(tick);
    };
    tick();
    await eventually('everything came', () =>
      listeners.every(({ seen }) => version >= 10 && seen.length === version),
    );
    ticking = false;
    expect(turns).to.be.greaterThan(10);
    for (const { seen, batches } of listeners) {
      expect(seen).to.deep.equal(after(0));
      expect(batches).to.be.lessThan(8);
    }
  });

  it('puts a text together once for all who send the same', async () => {
    let made = 0;
    const texts = new Set<Buffer>();
    for (let i = 0; i < 50; i++) {
      fanout.add(
        {
          events: (batch) => {
            const lines = (): Buffer[] =>
              batch.events.map((one) =>
                one.line(kind, 'MODIFIED', { key: '', render: (_, { json }) => json }),
              );
            const make = (): Buffer[] => {
              made += 1;
              return lines();
            };
            const { text, count } = batch.text(kind, 'same', make);
            expect(count).to.equal(3);
            texts.add(text);
          },
          overtaken: () => undefined,
          expired: () => undefined,
        },
        0,
      );
    }
    publish(3);
    await eventually('somebody got it', () => texts.size > 0);
    expect([made, texts.size]).to.deep.equal([1, 1]);
    expect([...texts][0]?.toString().split('\n')).to.have.length(4);
  });

  it('gives no more in a turn than 32 KiB, or one event, and all in the end', async () => {
    const listener = new Listener();
    publish(20, 'x'.repeat(12 * 1024));
    publish(3, 'x'.repeat(300 * 1024));
    fanout.add(listener, 0);
    await eventually('everything came', () => listener.seen.length === 23);
    expect(listener.seen).to.deep.equal(after(0));
    // Seven times three of them, the last two with one of the large ones.
    expect(listener.batches).to.equal(9);
    const hasty = new Listener();
    fanout.add(hasty, 0);
    fanout.flush(hasty);
    expect(hasty.seen).to.deep.equal(after(0));
  });

  it('serves all before it serves anybody again who joins anew, as slow ones do', async () => {
    const order: string[] = [];
    const prompt = new Listener(() => void order.push('prompt'));
    const slow = new Listener((seen) => {
      order.push('slow');
      fanout.remove(slow);
      publish(1);
      // There is always something new when it comes back.
      if (seen.length < 20) fanout.add(slow, seen.at(-1) ?? 0);
    });
    fanout.add(prompt, 0);
    fanout.add(slow, 0);
    publish(1);
    await eventually('both have it all', () => slow.seen.length >= 20 && prompt.seen.length > 20);
    expect(order.join(' ')).to.not.include('slow slow');
  });

  it('tells who is overtaken, and nobody else', async () => {
    const slow = new Listener();
    const prompt = new Listener();
    fanout.add(slow, 0);
    // More than the window holds, by number, before anybody has a turn.
    publish(5_000);
    fanout.add(prompt, 4_990);
    await eventually('both were told', () => slow.ends.length > 0 && prompt.seen.length === 10);
    expect([slow.seen, slow.ends]).to.deep.equal([[], ['overtaken']]);
    expect(prompt.ends).to.deep.equal([]);
    publish(1);
    await eventually('the next came', () => prompt.seen.length === 11);
    expect(slow.seen).to.deep.equal([]);
  });

  it('holds no more than 16 MiB', () => {
    publish(40, 'x'.repeat(1024 * 1024));
    expect(window.head).to.equal(40);
    expect(window.floor).to.be.greaterThan(20);
    expect(window.after(window.floor, Infinity)).to.have.length(40 - window.floor);
  });
});
