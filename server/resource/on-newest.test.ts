import { expect } from 'chai';
import { ApiError, isApiError } from '../../sdk/api/errors.js';
import type { StoredObject } from '../store/object-store.js';
import { widget } from '../store/suite/suite-kinds.js';
import { onNewest } from './on-newest.js';

const TARGET = { kind: widget, namespace: 'default', name: 'w', subresource: '' };

function version(resourceVersion: number): StoredObject {
  const key = { resource: 'widgets', uid: 'u', namespace: 'default', name: 'w' };
  return { ...key, resourceVersion, json: '{}' };
}

/** A store whose object is at version 2, of which this process remembers `remembered`. */
class Shelf {
  reads = 0;

  constructor(
    private readonly remembered: number | undefined,
    private readonly stored: number | 'gone' = 2,
  ) {}

  recallNamed(): StoredObject | undefined {
    return this.remembered === undefined ? undefined : version(this.remembered);
  }

  async get(): Promise<StoredObject | undefined> {
    this.reads += 1;
    return this.stored === 'gone' ? undefined : version(this.stored);
  }
}

type Outcome = 'written' | 'unchanged' | 'overtaken' | Error;

/** What was attempted on which version, and how it ended. */
async function tried(
  shelf: Shelf,
  outcomeOn: (version: number, attempt: number) => Outcome,
): Promise<{ versions: number[]; reads: number; ended: unknown }> {
  const versions: number[] = [];
  const ended = await onNewest<string>(shelf, TARGET, async ({ resourceVersion }, isLast) => {
    versions.push(resourceVersion);
    const outcome = outcomeOn(resourceVersion, versions.length);
    if (outcome instanceof Error) throw outcome;
    if (outcome === 'overtaken' && isLast) throw new Error('gave up');
    if (outcome === 'overtaken') return undefined;
    return { written: outcome === 'written', result: `${outcome} ${resourceVersion}` };
  }).catch((error: unknown) => error);
  return { versions, reads: shelf.reads, ended };
}

const refused = new ApiError('Invalid', 'not so');
const unavailable = new ApiError('ServiceUnavailable', 'nobody knows');

describe('onNewest', () => {
  const cases: {
    name: string;
    shelf: Shelf;
    outcomeOn: (version: number, attempt: number) => Outcome;
    want: { versions: number[]; reads: number; ended: unknown };
  }[] = [
    {
      name: 'reads nothing when the write on what is remembered is taken',
      shelf: new Shelf(2),
      outcomeOn: () => 'written',
      want: { versions: [2], reads: 0, ended: 'written 2' },
    },
    {
      name: 'reads what is not remembered',
      shelf: new Shelf(undefined),
      outcomeOn: () => 'written',
      want: { versions: [2], reads: 1, ended: 'written 2' },
    },
    {
      name: 'asks whether what changed nothing is still the newest',
      shelf: new Shelf(2),
      outcomeOn: () => 'unchanged',
      want: { versions: [2], reads: 1, ended: 'unchanged 2' },
    },
    {
      name: 'does not say "unchanged" of an old version',
      shelf: new Shelf(1),
      outcomeOn: (on) => (on === 1 ? 'unchanged' : 'written'),
      want: { versions: [1, 2], reads: 2, ended: 'written 2' },
    },
    {
      name: 'refuses when what is remembered is the newest',
      shelf: new Shelf(2),
      outcomeOn: () => refused,
      want: { versions: [2], reads: 1, ended: refused },
    },
    {
      name: 'does not refuse because of an old version',
      shelf: new Shelf(1),
      outcomeOn: (on) => (on === 1 ? refused : 'written'),
      want: { versions: [1, 2], reads: 2, ended: 'written 2' },
    },
    {
      name: 'reads when a write came between',
      shelf: new Shelf(1),
      outcomeOn: (on) => (on === 1 ? 'overtaken' : 'written'),
      want: { versions: [1, 2], reads: 1, ended: 'written 2' },
    },
    {
      name: 'passes on that nobody knows whether it was written, and tries nothing again',
      shelf: new Shelf(1),
      outcomeOn: () => unavailable,
      want: { versions: [1], reads: 0, ended: unavailable },
    },
  ];
  for (const { name, shelf, outcomeOn, want } of cases) {
    it(name, async () => expect(await tried(shelf, outcomeOn)).to.deep.equal(want));
  }

  it('does not find what is only remembered', async () => {
    const { ended } = await tried(new Shelf(1, 'gone'), () => 'overtaken');
    expect(isApiError(ended, 'NotFound')).to.equal(true);
  });

  it('gives up after many writes that came between', async () => {
    const { versions, ended } = await tried(new Shelf(2), () => 'overtaken');
    expect(versions).to.have.length(12);
    expect(ended).to.be.instanceOf(Error).with.property('message', 'gave up');
  });
});
