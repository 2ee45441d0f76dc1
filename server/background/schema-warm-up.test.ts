import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { eventually } from '../../test/support/eventually.js';
import { SchemaWarmUp } from './schema-warm-up.js';

describe('SchemaWarmUp', () => {
  it('prepares all kinds in order, one that fails included', async () => {
    const prepared: KindDefinition[] = [];
    const warmUp = new SchemaWarmUp({
      kinds: kinds.slice(0, 3),
      validator: {
        async prepare(kind) {
          prepared.push(kind);
          if (prepared.length === 2) throw new Error('no good');
        },
      },
      logger: nopLogger,
      idleMs: 1,
    });
    await warmUp.start(AbortSignal.timeout(10_000));
    await eventually('all kinds', async () => prepared.length === 3);
    await warmUp.stop();
    expect(prepared).to.deep.equal(kinds.slice(0, 3));
  });

  it('does nothing more once stopped', async () => {
    const prepared: KindDefinition[] = [];
    const warmUp = new SchemaWarmUp({
      kinds,
      validator: { prepare: async (kind) => void prepared.push(kind) },
      logger: nopLogger,
      idleMs: 1,
    });
    await warmUp.start(AbortSignal.timeout(10_000));
    await warmUp.stop();
    const { length } = prepared;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(prepared).to.have.length(length);
  });
});
