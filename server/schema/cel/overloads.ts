import type { CelType } from './types.js';
import { TypeBindings } from './type-bindings.js';
import { CelType as Type, DYN } from './types.js';

/** One declared form of a function. */
export interface Overload {
  /** A method's receiver is its first parameter. */
  readonly parameters: readonly CelType[];
  readonly result: CelType;
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  optional: 'optional_type',
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
};

/** The functions that expressions may call, by `name`, methods by `.name`. */
export class Overloads {
  readonly #byName = new Map<string, Overload[]>();

  /**
   * `signatures`: each as `size(list<A>): int`, a method with its receiver as the first parameter,
   * `.startsWith(string, string): bool`. Single capital letters are type parameters.
   *
   * @throws Error for what has not that form: it is our own code that writes them.
   */
  constructor(signatures: readonly string[]) {
    for (const signature of signatures) {
      const { name, ...overload } = parseSignature(signature);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), overload]);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The type of a call with arguments of these types; undefined when no form of it takes them. */
  resultOf(name: string, args: readonly CelType[]): CelType | undefined {
    let result: CelType | undefined;
    for (const { parameters, result: declared } of this.#byName.get(name) ?? []) {
      if (parameters.length !== args.length) continue;
      const bindings = new TypeBindings();
      if (!parameters.every((wanted, i) => bindings.accepts(wanted, args[i] ?? DYN))) continue;
      const resolved = bindings.resolve(declared);
      if (result !== undefined && String(result) !== String(resolved)) return DYN;
      result ??= resolved;
    }
    return result;
  }
}

function parseSignature(signature: string): Overload & { readonly name: string } {
  const [, name, parameters = '', result = ''] = /^([^(]+)\((.*)\): (.+)$/.exec(signature) ?? [];
  if (name === undefined) throw new Error(`not a signature: ${signature}`);
  return { name, parameters: splitTypes(parameters).map(parseType), result: parseType(result) };
}

function parseType(text: string): CelType {
  const [, name = text, parameters = ''] = /^([\w.]+)<(.*)>$/.exec(text) ?? [];
  if (name === 'dyn') return DYN;
  return new Type(SHORT_NAMES[name] ?? name, splitTypes(parameters).map(parseType));
}

/** Splits at commas that are not within `<>`. */
function splitTypes(text: string): string[] {
  const types: string[] = [];
  let depth = 0;
  let current = '';
  for (const part of text.split(/([<>]|, )/)) {
    if (part === '<') depth += 1;
    if (part === '>') depth -= 1;
    if (part === ', ' && depth === 0) {
      types.push(current);
      current = '';
    } else {
      current += part;
    }
  }
  return current === '' ? types : [...types, current];
}
