import { expect } from 'chai';
import type { ClaimedObject } from '../api/work.js';
import type { AttemptObserver, WorkerObserver } from './worker-observer.js';
import { tellAll } from './worker-observer.js';

const claimed = {} as ClaimedObject;
const call = {
  port: 'kube',
  nature: 'read',
  operation: 'find',
  target: 'x',
  outside: true,
  hide: (message: string) => message,
} as const;

function observer(name: string, said: string[]): WorkerObserver {
  return {
    hinted: (hints) => said.push(`${name} hinted ${hints.length}`),
    began: (): AttemptObserver => ({
      async around(_call, make) {
        said.push(`${name} in`);
        try {
          return await make();
        } finally {
          said.push(`${name} out`);
        }
      },
      ended: ({ verdict }) => said.push(`${name} ${verdict}`),
    }),
  };
}

describe('tellAll', () => {
  it('tells each, the first outermost around a call, and passes over what one does not hear', async () => {
    const said: string[] = [];
    const all = tellAll([observer('a', said), { leaseLost: () => undefined }, observer('b', said)]);
    all.hinted(['a', 'b'].map((uid) => ({ resource: 'things', uid })));
    all.leaseLost('things');
    const attempt = all.began(claimed);
    const answer = await attempt?.around?.(call, async () => {
      said.push('call');
      return 7;
    });
    attempt?.ended({ verdict: 'done' });
    expect(answer).to.equal(7);
    expect(said).to.deep.equal([
      'a hinted 2',
      'b hinted 2',
      'a in',
      'b in',
      'call',
      'b out',
      'a out',
      'a done',
      'b done',
    ]);
  });

  it('throws what the call throws', async () => {
    const attempt = tellAll([observer('a', []), observer('b', [])]).began(claimed);
    const failure = new Error('refused');
    const outcome = await attempt?.around?.(call, () => Promise.reject(failure)).catch((e) => e);
    expect(outcome).to.equal(failure);
  });

  it('has nothing to do when nobody follows', () => {
    expect(tellAll([]).began(claimed)).to.equal(undefined);
    expect(tellAll([{}]).began(claimed)).to.equal(undefined);
  });
});
