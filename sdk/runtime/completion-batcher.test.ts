import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { JournalEntry } from '../api/journal.js';
import type { CompleteRequest, CompleteResponse, Completion } from '../api/work.js';
import { CompletionBatcher } from './completion-batcher.js';

const completion = (uid: string): Completion => ({
  resource: 'things',
  uid,
  fence: 1,
  failures: 0,
});
const never = (): number => Number.POSITIVE_INFINITY;

describe('CompletionBatcher', () => {
  const batcherOf = (
    answer: (request: CompleteRequest, times: number) => Promise<CompleteResponse>,
  ): { batcher: CompletionBatcher; calls: string[][] } => {
    const calls: string[][] = [];
    const api = {
      complete: (request: CompleteRequest): Promise<CompleteResponse> => {
        calls.push(request.completions.map(({ uid }) => uid));
        return answer(request, calls.length);
      },
    };
    return { batcher: new CompletionBatcher(api, 'w', () => 1_000), calls };
  };
  const done = async ({ completions }: CompleteRequest): Promise<CompleteResponse> => ({
    results: completions.map(({ uid }) => ({ uid, outcome: 'done' })),
  });
  const outcomesOf = async (
    batcher: CompletionBatcher,
    uids: readonly string[],
    deadlineMs = never,
  ): Promise<string[]> => {
    const calls = uids.map((uid) => batcher.complete(completion(uid), deadlineMs));
    const settled = await Promise.allSettled(calls);
    return settled.map((each) =>
      each.status === 'fulfilled' ? each.value.outcome : String(each.reason),
    );
  };

  it('sends together what comes together, and at most 50 at once', async () => {
    const { batcher, calls } = batcherOf(done);
    const uids = Array.from({ length: 60 }, (_, index) => `u${index}`);
    expect(new Set(await outcomesOf(batcher, uids))).to.deep.equal(new Set(['done']));
    expect(calls.map(({ length }) => length)).to.deep.equal([50, 10]);
  });

  it('gathers what comes while a call is under way', async () => {
    let release: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (release = resolve));
    const { batcher, calls } = batcherOf(async (request, times) => {
      if (times === 1) await first;
      return done(request);
    });
    const one = outcomesOf(batcher, ['a']);
    await new Promise(setImmediate);
    const others = outcomesOf(batcher, ['b', 'c']);
    release();
    await Promise.all([one, others]);
    expect(calls).to.deep.equal([['a'], ['b', 'c']]);
  });

  it('tries again while the server is away', async () => {
    const { batcher, calls } = batcherOf((request, times) =>
      times < 3 ? Promise.reject(new ApiError('ServiceUnavailable', 'away')) : done(request),
    );
    expect(await outcomesOf(batcher, ['a'])).to.deep.equal(['done']);
    expect(calls).to.have.length(3);
  });

  it('gives up when the lease has ended', async () => {
    const { batcher } = batcherOf(() => Promise.reject(new ApiError('ServiceUnavailable', 'away')));
    expect(await outcomesOf(batcher, ['a'], () => 999)).to.deep.equal(['ApiError: away']);
  });

  it('does not let one that is refused take the others with it', async () => {
    const { batcher } = batcherOf((request) =>
      request.completions.some(({ uid }) => uid === 'bad')
        ? Promise.reject(new ApiError('BadRequest', 'refused'))
        : done(request),
    );
    expect(await outcomesOf(batcher, ['a', 'bad', 'b'])).to.deep.equal([
      'done',
      'ApiError: refused',
      'done',
    ]);
  });

  it('tells for the journal what went with a completion that came too late', async () => {
    const told: JournalEntry[][] = [];
    let isAway = true;
    const api = {
      complete: async (request: CompleteRequest): Promise<CompleteResponse> => {
        if (isAway) throw new ApiError('ServiceUnavailable', 'away');
        told.push([...(request.journal ?? [])]);
        return done(request);
      },
    };
    const batcher = new CompletionBatcher(api, 'w', () => 1_000);
    const entry = { uid: 'a', fence: 1, sequence: 1 } as JournalEntry;
    const failure = await batcher
      .complete(completion('a'), () => 0, [entry])
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ApiError);
    isAway = false;
    batcher.tellLater([{ ...entry, sequence: 2 }]);
    const giveUpAt = Date.now() + 10_000;
    while (told.flat().length < 2 && Date.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(told.flat().map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
    expect(batcher.close()).to.equal(0);
  });

  it('sends more than goes with one request ahead of the completion', async () => {
    const sizes: string[] = [];
    const api = {
      complete: (request: CompleteRequest): Promise<CompleteResponse> => {
        sizes.push(`${request.completions.length} with ${request.journal?.length ?? 0}`);
        return done(request);
      },
    };
    const batcher = new CompletionBatcher(api, 'w', () => 1_000);
    const journal = Array.from(
      { length: 2_500 },
      (_, index) => ({ uid: 'a', fence: 1, sequence: index + 1 }) as JournalEntry,
    );
    await batcher.complete(completion('a'), never, journal);
    const giveUpAt = Date.now() + 10_000;
    while (sizes.length < 3 && Date.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(sizes.toSorted()).to.deep.equal(['0 with 1000', '0 with 500', '1 with 1000']);
  });
});
