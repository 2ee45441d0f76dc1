import { failpoint } from '../failpoint.js';
import { interceptPorts } from './intercept-ports.js';
import type { PortTable } from './port-table.js';
import type { Ports } from './ports.js';

/** The same ports, but a call is made only when `check` lets it pass: else it fails with what that throws. */
export function guardPorts(ports: Ports, check: () => void, table?: PortTable): Ports {
  return interceptPorts(
    ports,
    async ({ nature }, make) => {
      if (nature !== 'read') failpoint('before-effect');
      check();
      if (nature === 'read') return make();
      const result = await make();
      failpoint('after-effect');
      return result;
    },
    table,
  );
}
