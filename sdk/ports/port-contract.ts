import type { EffectNature } from '../api/journal.js';

type Method = (...args: never[]) => Promise<unknown>;

/** The names of a port's methods that reach the outside. */
export type MethodName<Port> = {
  [Name in keyof Port]: Port[Name] extends Method ? Name : never;
}[keyof Port] &
  string;

type ArgsOf<Call> = Call extends (...args: infer Args) => unknown ? Args : never;
type AnswerOf<Call> = Call extends (...args: never[]) => Promise<infer Answer> ? Answer : never;

interface AnyDeclaration<Call> {
  /** What is touched, as it is written down: `apps/v1 Deployment default/web`. No value of it. */
  readonly target: (...args: ArgsOf<Call>) => string;
  /** Takes out of words about the call what must not be written down. Default: nothing. */
  readonly hide?: (message: string, ...args: ArgsOf<Call>) => string;
}

export interface ReadDeclaration<Call> extends AnyDeclaration<Call> {
  readonly nature: 'read';
}

export interface WriteDeclaration<Call, Reads> extends AnyDeclaration<Call> {
  readonly nature: Exclude<EffectNature, 'read'>;
  /** Making the same call twice leaves the world as making it once does. */
  readonly idempotent: boolean;
  /** How what a call made is found again by who does not know how it ended. */
  readonly foundAgain: ByName | ByToken<Call, Reads>;
  /** What the call would answer, told by reads alone. */
  readonly dry: (reads: Reads, ...args: ArgsOf<Call>) => Promise<AnswerOf<Call>>;
}

/** The caller names it: looking for the name is enough. */
interface ByName {
  readonly by: 'name';
}

/**
 * The other side gives the name. The runtime writes an intent with a token down before the call, and
 * an attempt after a crash looks for what the token stands for before it makes anything. So the
 * target must be the same from attempt to attempt, and another for each thing of one object.
 */
export interface ByToken<Call, Reads> {
  /** `token`: the other side itself makes nothing twice for it. `tag`: it is put on what is made. */
  readonly by: 'token' | 'tag';
  /** The arguments with the token in them. */
  readonly withToken: (token: string, ...args: ArgsOf<Call>) => ArgsOf<Call>;
  /** What was made with this token, if anything was. */
  readonly find: (
    reads: Reads,
    token: string,
    ...args: ArgsOf<Call>
  ) => Promise<AnswerOf<Call> | undefined>;
}

/**
 * All that is to be known of a port's methods, as data: with it every call is guarded, recorded, made
 * dry and simulated by code that knows no port. `Reads` is the half of the port that changes nothing.
 */
export type PortContract<Port extends Reads, Reads> = {
  readonly [Name in MethodName<Reads>]: ReadDeclaration<Reads[Name]>;
} & {
  readonly [Name in Exclude<MethodName<Port>, MethodName<Reads>>]: WriteDeclaration<
    Port[Name],
    Reads
  >;
};

/** A declaration whose port is not known any more. */
export type Declaration = {
  readonly nature: EffectNature;
  readonly target: (...args: readonly unknown[]) => string;
  readonly hide?: (message: string, ...args: readonly unknown[]) => string;
  readonly idempotent?: boolean;
  readonly foundAgain?:
    | ByName
    | {
        readonly by: 'token' | 'tag';
        readonly withToken: (token: string, ...args: readonly unknown[]) => readonly unknown[];
        readonly find: (
          reads: unknown,
          token: string,
          ...args: readonly unknown[]
        ) => Promise<unknown>;
      };
  readonly dry?: (reads: unknown, ...args: readonly unknown[]) => Promise<unknown>;
};

/** One kind of port as the table of ports has it. */
export interface PortDeclaration {
  readonly methods: Readonly<Record<string, Declaration>>;
  /** What it writes is outside the plane: it is in no log but the journal. */
  readonly outside: boolean;
  /** Set when the port is opened by a call: which one, of its arguments. Never a credential. */
  readonly placeOf?: (...args: readonly unknown[]) => string;
}

/** Declares a port that is there by itself. */
export function declarePort<Port extends Reads, Reads>(
  methods: PortContract<Port, Reads>,
  { outside }: { readonly outside: boolean },
): PortDeclaration {
  return { methods: methods as unknown as PortDeclaration['methods'], outside };
}

/** Declares a port that is opened for a place: a cluster, an account. */
export function declareOpenedPort<Open extends (...args: never[]) => Reads, Reads>(
  methods: PortContract<ReturnType<Open>, Reads>,
  options: { readonly outside: boolean; readonly placeOf: (...args: Parameters<Open>) => string },
): PortDeclaration {
  return {
    methods: methods as unknown as PortDeclaration['methods'],
    outside: options.outside,
    placeOf: options.placeOf as unknown as NonNullable<PortDeclaration['placeOf']>,
  };
}
