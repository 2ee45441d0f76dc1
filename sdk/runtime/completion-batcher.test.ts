import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
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
});
