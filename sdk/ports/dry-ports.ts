import { errorChain } from '../error-chain.js';
import type { Declaration, PortDeclaration } from './port-contract.js';
import { portTable, type PortTable } from './port-table.js';
import type { Effect, Ports, ReadPorts } from './ports.js';

type Call = (...args: readonly unknown[]) => unknown;

/** The reading halves of the ports: objects that have no method that could write. */
export function readHalves(ports: Ports, table: PortTable = portTable): ReadPorts {
  return mapPorts(ports, table, (port, { methods }) =>
    withFunctions(port, (name) =>
      declared(methods, name)?.nature === 'read' ? bound(port, name) : undefined,
    ),
  ) as ReadPorts;
}

/**
 * Ports whose writes are told to `plan` and never made: there is nothing behind them but what reads. A
 * write answers what the reads say that it would. That of a write which would fail fails.
 */
export function dryPorts(
  reads: ReadPorts,
  plan: (effect: Effect) => void,
  table: PortTable = portTable,
): Ports {
  return mapPorts(reads, table, (port, { methods }, { name: portName, place }) =>
    withFunctions(port, (name) => {
      const method = declared(methods, name);
      if (method === undefined) return undefined;
      if (method.nature === 'read') return bound(port, name);
      const { nature, target, dry, hide } = method;
      return async (...args: readonly unknown[]) => {
        const at = place === undefined ? {} : { place };
        const effect = { port: portName, ...at, nature, operation: name, target: target(...args) };
        try {
          const answer = await dry?.(port, ...args);
          plan({ ...effect, outcome: 'ok' });
          return answer;
        } catch (error) {
          const message = errorChain(error);
          plan({ ...effect, outcome: 'failed', error: hide?.(message, ...args) ?? message });
          throw error;
        }
      };
    }),
  ) as Ports;
}

interface PortPlace {
  readonly name: string;
  readonly place?: string;
}

function mapPorts(
  ports: object,
  table: PortTable,
  change: (port: object, declaration: PortDeclaration, at: PortPlace) => object,
): unknown {
  return Object.fromEntries(
    Object.entries(ports).map(([name, port]: [string, unknown]) => {
      const declaration = table[name];
      if (declaration === undefined) throw new Error(`the port ${name} is not declared`);
      if (declaration === 'local') return [name, port];
      const { placeOf } = declaration;
      if (placeOf === undefined) return [name, change(port as object, declaration, { name })];
      const open = port as Call;
      return [
        name,
        (...args: readonly unknown[]) =>
          change(open(...args) as object, declaration, { name, place: placeOf(...args) }),
      ];
    }),
  );
}

/** What of the port is no function, and the functions that are given. */
function withFunctions(port: object, functionOf: (name: string) => unknown): object {
  return new Proxy(
    {},
    {
      get(_target, property) {
        const given = functionOf(String(property));
        if (given !== undefined) return given;
        const value: unknown = Reflect.get(port, property, port);
        return typeof value === 'function' ? undefined : value;
      },
    },
  );
}

function bound(port: object, name: string): unknown {
  return (Reflect.get(port, name, port) as Call).bind(port);
}

function declared(methods: PortDeclaration['methods'], name: string): Declaration | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
