import { failpoint } from '../failpoint.js';
import { interceptPorts } from './intercept-ports.js';
import type { Ports } from './ports.js';

/** The same ports until the signal aborts; from then on every call fails with its reason. */
export function guardPorts(ports: Ports, signal: AbortSignal): Ports {
  return interceptPorts(ports, async ({ nature }, make) => {
    signal.throwIfAborted();
    if (nature === 'read') return make();
    failpoint('before-effect');
    const result = await make();
    failpoint('after-effect');
    return result;
  });
}
