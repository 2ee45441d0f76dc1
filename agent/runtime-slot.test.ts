import { expect } from 'chai';

import { ApiError } from '../sdk/api/errors.js';
import { nopLogger } from '../sdk/logger.js';
import { eventually } from '../test/support/eventually.js';
import { RuntimeSlot } from './runtime-slot.js';

describe('RuntimeSlot', () => {
  let kubeconfig: string | undefined;
  let failure: Error | undefined;
  let reads: number;
  let log: string[];
  let warnings: string[];
  let slot: RuntimeSlot;

  beforeEach(() => {
    kubeconfig = 'one';
    failure = undefined;
    reads = 0;
    log = [];
    warnings = [];
    slot = new RuntimeSlot({
      logger: { ...nopLogger, warn: (message) => void warnings.push(message) },
      retryMs: 5,
      read: () => {
        reads++;
        return failure === undefined ? Promise.resolve(kubeconfig) : Promise.reject(failure);
      },
      create: (text) => {
        if (text === 'bad') throw new ApiError('Invalid', 'no kubeconfig');
        return {
          start: () => Promise.resolve(void log.push(`start ${text}`)),
          stop: () => Promise.resolve(void log.push(`stop ${text}`)),
        };
      },
    });
  });

  afterEach(() => slot.stop());

  it('starts the agent once, however often it is told to look', async () => {
    slot.refresh();
    await eventually('the start', () => log.length === 1);
    slot.refresh();
    await eventually('the second look', () => reads === 2);
    await slot.stop();
    expect(log).to.deep.equal(['start one', 'stop one']);
  });

  it('replaces the agent when the kubeconfig changes, and ends it when there is none', async () => {
    slot.refresh();
    await eventually('the start', () => log.length === 1);
    kubeconfig = 'two';
    slot.refresh();
    await eventually('the replacement', () => log.length === 3);
    kubeconfig = undefined;
    slot.refresh();
    await eventually('the end', () => log.length === 4);
    expect(log).to.deep.equal(['start one', 'stop one', 'start two', 'stop two']);
  });

  it('tries again when the kubeconfig cannot be read', async () => {
    failure = new ApiError('ServiceUnavailable', 'away');
    slot.refresh();
    await eventually('some tries', () => reads > 2);
    failure = undefined;
    await eventually('the start', () => log.length === 1);
  });

  it('says a fault once, however long it stays, and a later one again', async () => {
    kubeconfig = 'bad';
    for (const look of [1, 2, 3]) {
      slot.refresh();
      await eventually('the look', () => reads === look);
    }
    kubeconfig = 'good';
    slot.refresh();
    await eventually('the start', () => log.length === 1);
    expect(warnings).to.have.length(1);
    kubeconfig = 'bad';
    slot.refresh();
    await eventually('the fault', () => warnings.length === 2);
  });

  it('waits for another kubeconfig when this one is unusable', async () => {
    kubeconfig = 'bad';
    slot.refresh();
    await eventually('the look', () => reads === 1);
    kubeconfig = 'good';
    slot.refresh();
    await eventually('the start', () => log.length === 1);
    expect(reads).to.equal(2);
  });
});
