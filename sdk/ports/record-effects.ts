import { errorChain } from '../error-chain.js';
import { effectOf, interceptPorts } from './intercept-ports.js';
import type { Effect, Ports } from './ports.js';

/** The same ports; each call goes to `sink` when it has ended, failed ones too. */
export function recordEffects(ports: Ports, sink: (effect: Effect) => void): Ports {
  return interceptPorts(ports, async (call, make) => {
    try {
      const result = await make();
      sink(effectOf(call, { outcome: 'ok' }));
      return result;
    } catch (error) {
      sink(effectOf(call, { outcome: 'failed', error: call.hide(errorChain(error)) }));
      throw error;
    }
  });
}

/** Effects that change something: a second run with nothing changed has none. */
export function writesOf(effects: readonly Effect[]): Effect[] {
  return effects.filter((effect) => effect.nature !== 'read');
}
