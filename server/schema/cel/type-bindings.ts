import type { CelType } from './types.js';
import { CelType as Type, DYN, ObjectType, withoutNull } from './types.js';

/** Types that null may stand for, as in cel-go: those that are messages in Protocol Buffers. */
const NULLABLE = /^(wrapper|optional_type|google\.protobuf\.|kubernetes\.|net\.)/;

/** What the type parameters of one call stand for. */
export class TypeBindings {
  readonly #bound = new Map<string, CelType>();

  /** Whether a value of a type may stand where another is wanted. Binds parameters on the way. */
  accepts(wanted: CelType, given: CelType): boolean {
    if (wanted.isParameter) return this.#bind(wanted.name, given);
    if (wanted.name === 'dyn' || given.name === 'dyn') {
      for (const parameter of wanted.parameters) this.accepts(parameter, DYN);
      return true;
    }
    if (given.name === 'null_type') {
      return (
        wanted.name === 'null_type' || wanted instanceof ObjectType || NULLABLE.test(wanted.name)
      );
    }
    if (wanted.name === 'wrapper' || given.name === 'wrapper') {
      return this.accepts(withoutNull(wanted), withoutNull(given));
    }
    if (wanted instanceof ObjectType || given instanceof ObjectType) return wanted === given;
    // A type is a type, whichever: `type(self) == string` may ask.
    if (wanted.name !== given.name || wanted.name === 'type') return wanted.name === given.name;
    return wanted.parameters.every((parameter, index) =>
      this.accepts(parameter, given.parameters[index] ?? DYN),
    );
  }

  /** The type with what its parameters stand for; those that stand for nothing are `dyn`. */
  resolve(type: CelType): CelType {
    if (type.isParameter) return this.#bound.get(type.name) ?? DYN;
    if (type.parameters.length === 0) return type;
    return new Type(
      type.name,
      type.parameters.map((parameter) => this.resolve(parameter)),
    );
  }

  #bind(name: string, given: CelType): boolean {
    const bound = this.#bound.get(name);
    if (bound === undefined) {
      this.#bound.set(name, given);
      return true;
    }
    if (this.accepts(bound, given)) {
      if (given.name === 'dyn') this.#bound.set(name, given);
      return true;
    }
    if (!this.accepts(given, bound)) return false;
    this.#bound.set(name, given);
    return true;
  }
}

/** A type for both: the more general of the two, `dyn` where neither is. */
export function commonType(a: CelType, b: CelType): CelType {
  const bindings = new TypeBindings();
  if (a.name === 'dyn' || b.name === 'dyn') return DYN;
  if (bindings.accepts(a, b)) return a;
  return bindings.accepts(b, a) ? b : DYN;
}
