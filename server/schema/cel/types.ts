/** What an expression is known to be before it runs. */
export class CelType {
  /** As `type(x)` names it, `dyn` when only a run can tell, or a type parameter, `A`. */
  readonly name: string;
  /** Of the items of a list, the keys and values of a map, what an optional value holds. */
  readonly parameters: readonly CelType[];

  constructor(name: string, parameters: readonly CelType[] = []) {
    this.name = name;
    this.parameters = parameters;
  }

  /** True for the `A` in `list(A)`: it stands for one type in one call. */
  get isParameter(): boolean {
    return /^[A-Z]$/.test(this.name);
  }

  /** As cel-go writes it in its messages. */
  toString(): string {
    const name = SHOWN[this.name] ?? this.name;
    return this.parameters.length === 0 ? name : `${name}(${this.parameters.join(', ')})`;
  }
}

/** An object with the fields that its schema names; no two are assignable to each other. */
export class ObjectType extends CelType {
  /** By the name that expressions use. Asked for when needed: a large schema stays cheap. */
  readonly field: (name: string) => CelType | undefined;

  constructor(field: (name: string) => CelType | undefined) {
    super('object');
    this.field = field;
  }
}

const SHOWN: Readonly<Record<string, string>> = {
  null_type: 'null',
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
};

export const DYN = new CelType('dyn');
export const BOOL = new CelType('bool');
export const INT = new CelType('int');
export const UINT = new CelType('uint');
export const DOUBLE = new CelType('double');
export const STRING = new CelType('string');
export const BYTES = new CelType('bytes');
export const NULL = new CelType('null_type');
export const TIMESTAMP = new CelType('google.protobuf.Timestamp');
export const DURATION = new CelType('google.protobuf.Duration');

/** Names that stand for types in an expression: `type(x) == int`. */
export const TYPE_NAMES: readonly string[] = [
  'bool',
  'bytes',
  'double',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'int',
  'kubernetes.NamedFormat',
  'kubernetes.Quantity',
  'kubernetes.URL',
  'list',
  'map',
  'net.CIDR',
  'net.IP',
  'null_type',
  'optional_type',
  'string',
  'type',
  'uint',
];

export function listOf(items: CelType): CelType {
  return new CelType('list', [items]);
}

export function mapOf(keys: CelType, values: CelType): CelType {
  return new CelType('map', [keys, values]);
}

/** An optional value; of an optional value, itself. */
export function optionalOf(value: CelType): CelType {
  return value.name === 'optional_type' ? value : new CelType('optional_type', [value]);
}

/** A value of the type, or null: where a schema says `nullable`. */
export function orNull(type: CelType): CelType {
  return type === DYN ? DYN : new CelType('wrapper', [type]);
}

/** The type without null, for what only works on values. */
export function withoutNull(type: CelType): CelType {
  return type.name === 'wrapper' ? parameterOf(type, 0) : type;
}

/** One of the type's parameters; `dyn` for a type that is not known so well. */
export function parameterOf(type: CelType, index: number): CelType {
  return type.parameters[index] ?? DYN;
}
