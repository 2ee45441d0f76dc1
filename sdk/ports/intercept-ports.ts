import type { ByToken, Declaration, PortDeclaration } from './port-contract.js';
import { portTable, type PortTable } from './port-table.js';
import type { Effect, Ports } from './ports.js';

/** One call through a port, before it is made. */
export interface PortCall extends Omit<Effect, 'outcome' | 'error'> {
  /** It reaches outside of the plane. */
  readonly outside: boolean;
  /** Words about the call without what must not be written down. */
  hide(message: string): string;
  /** Set when what it makes has no name before: see ByToken. */
  readonly byToken?: TokenCall;
}

export interface TokenCall {
  readonly by: ByToken<never, never>['by'];
  /** The arguments of the call with the token in them. */
  withToken(token: string): readonly unknown[];
  /** What was made with the token, if anything was. */
  find(token: string): Promise<unknown>;
}

/** Runs around every call: makes it (with other arguments, if it likes), refuses it, notes it. */
export type Around = <T>(
  call: PortCall,
  make: (args?: readonly unknown[]) => Promise<T>,
) => Promise<T>;

/** The same ports, with `around` around each call that reaches the outside. */
export function interceptPorts<P extends Partial<Ports>>(
  ports: P,
  around: Around,
  table: PortTable = portTable,
): P {
  return Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      interceptNamed(name, port as object, table[name], around),
    ]),
  ) as P;
}

function interceptNamed(
  name: string,
  port: object,
  declaration: PortTable[string] | undefined,
  around: Around,
): unknown {
  if (declaration === undefined) throw new Error(`the port ${name} is not declared`);
  if (declaration === 'local') return port;
  const { placeOf } = declaration;
  if (placeOf === undefined) return interceptPort(port, { name, declaration, around });
  const open = port as unknown as (...args: unknown[]) => object;
  return (...args: unknown[]) =>
    interceptPort(open(...args), { name, declaration, around, place: placeOf(...args) });
}

interface Interception {
  readonly name: string;
  readonly declaration: PortDeclaration;
  readonly around: Around;
  readonly place?: string;
}

function interceptPort(port: object, interception: Interception): object {
  const { methods } = interception.declaration;
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || property in Object.prototype) return value;
      const operation = String(property);
      const method = Object.hasOwn(methods, operation) ? methods[operation] : undefined;
      // What nobody has declared nobody could record.
      if (method === undefined)
        throw new Error(`${interception.name}.${operation} is not declared`);
      const call = value as (...args: readonly unknown[]) => Promise<unknown>;
      return async (...args: readonly unknown[]) =>
        interception.around(
          describeCall(target, operation, { ...interception, method, args }),
          (changed = args) => call.apply(target, [...changed]),
        );
    },
  });
}

function describeCall(
  port: object,
  operation: string,
  call: Interception & { readonly method: Declaration; readonly args: readonly unknown[] },
): PortCall {
  const { name, place, declaration, method, args } = call;
  const { foundAgain } = method;
  return {
    port: name,
    ...(place !== undefined && { place }),
    nature: method.nature,
    operation,
    target: method.target(...args),
    outside: declaration.outside,
    hide: (message) => method.hide?.(message, ...args) ?? message,
    ...(foundAgain !== undefined &&
      foundAgain.by !== 'name' && {
        byToken: {
          by: foundAgain.by,
          withToken: (token) => foundAgain.withToken(token, ...args),
          find: (token) => foundAgain.find(port, token, ...args),
        },
      }),
  };
}

/** What is recorded of a call. */
export function effectOf(
  { port, place, nature, operation, target }: PortCall,
  end: Pick<Effect, 'outcome' | 'error'>,
): Effect {
  return { port, ...(place !== undefined && { place }), nature, operation, target, ...end };
}
