import { interceptPorts } from './intercept-ports.js';
import type { Ports } from './ports.js';

/** The same ports until the signal aborts; from then on every call fails with its reason. */
export function guardPorts(ports: Ports, signal: AbortSignal): Ports {
  return interceptPorts(ports, async (_call, make) => {
    signal.throwIfAborted();
    return make();
  });
}
