import { expect } from 'chai';

import { ApiError } from '../sdk/api/errors.js';
import { eventually } from '../test/support/eventually.js';
import type { ProbeResult } from './cluster-probe.js';
import { probeCluster } from './cluster-probe.js';

describe('probeCluster', () => {
  it('counts failures in a row, and says after how many the cluster answered again', async () => {
    const answers = [200, 'away', 503, 401, 200];
    const results: ProbeResult[] = [];
    const abort = new AbortController();
    const running = probeCluster(
      {
        intervalMs: 1,
        timeoutMs: 1_000,
        onResult: (result) => results.push(result),
        transport: {
          request: () => {
            const answer = answers.shift() ?? 200;
            return typeof answer === 'number'
              ? Promise.resolve({ statusCode: answer, body: {} })
              : Promise.reject(new ApiError('ServiceUnavailable', answer));
          },
        },
      },
      abort.signal,
    );
    await eventually('five tries', () => results.length >= 5);
    abort.abort();
    await running;
    expect(
      results.slice(0, 5).map(({ failures, recoveredAfter }) => [failures, recoveredAfter]),
      'a refusal is an answer',
    ).to.deep.equal([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 2],
      [0, 0],
    ]);
    expect(results[2]?.answeredAtMs).to.equal(results[0]?.answeredAtMs);
  });
});
