import { expect } from 'chai';
import { createLeaseClock } from './lease-clock.js';

describe('lease clock', () => {
  const cases: { reason: string; wallMs: number; monotonicMs: number; passedMs: number }[] = [
    { reason: 'both clocks agree', wallMs: 100, monotonicMs: 100, passedMs: 100 },
    { reason: 'the time of day was set back', wallMs: -300_000, monotonicMs: 100, passedMs: 100 },
    { reason: 'it was set forward', wallMs: 300_000, monotonicMs: 100, passedMs: 300_000 },
    { reason: 'the machine slept', wallMs: 60_000, monotonicMs: 0, passedMs: 60_000 },
    { reason: 'both stand still', wallMs: 0, monotonicMs: 0, passedMs: 0 },
  ];
  for (const { reason, wallMs, monotonicMs, passedMs } of cases) {
    it(`goes as the faster clock goes when ${reason}`, () => {
      const times = { wallMs: 1_000_000, monotonicMs: 5_000 };
      const nowMs = createLeaseClock({ nowMs: () => times.wallMs }, () => times.monotonicMs);
      const before = nowMs();
      times.wallMs += wallMs;
      times.monotonicMs += monotonicMs;
      expect(nowMs() - before).to.equal(passedMs);
      expect(nowMs() - before, 'asked again').to.equal(passedMs);
    });
  }
});
