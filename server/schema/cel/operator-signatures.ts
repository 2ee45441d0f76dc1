const NUMBERS = ['int', 'uint', 'double'];
const ORDERED = ['bool', ...NUMBERS, 'string', 'bytes', 'timestamp', 'duration'];
const pairs = NUMBERS.flatMap((a) => NUMBERS.filter((b) => a !== b).map((b) => [a, b] as const));

/**
 * CEL's operators by the names that its specification gives them. Numbers of different types are put
 * in order (cel-go's CrossTypeNumericComparisons, which Kubernetes has on), but not `==`.
 */
export const operatorSignatures: readonly string[] = [
  '_==_(A, A): bool',
  '_!=_(A, A): bool',
  ...['_<_', '_<=_', '_>_', '_>=_'].flatMap((operator) => [
    ...ORDERED.map((type) => `${operator}(${type}, ${type}): bool`),
    ...pairs.map(([a, b]) => `${operator}(${a}, ${b}): bool`),
  ]),
  ...[...NUMBERS, 'string', 'bytes', 'list<A>', 'duration'].map(
    (type) => `_+_(${type}, ${type}): ${type}`,
  ),
  '_+_(timestamp, duration): timestamp',
  '_+_(duration, timestamp): timestamp',
  ...[...NUMBERS, 'duration'].map((type) => `_-_(${type}, ${type}): ${type}`),
  '_-_(timestamp, timestamp): duration',
  '_-_(timestamp, duration): timestamp',
  ...['_*_', '_/_'].flatMap((operator) =>
    NUMBERS.map((type) => `${operator}(${type}, ${type}): ${type}`),
  ),
  '_%_(int, int): int',
  '_%_(uint, uint): uint',
  '-_(int): int',
  '-_(double): double',
  '!_(bool): bool',
  '_&&_(bool, bool): bool',
  '_||_(bool, bool): bool',
  '_?_:_(bool, A, A): A',
  '@in(A, list<A>): bool',
  '@in(A, map<A, B>): bool',
  ...['_[_]', '_[?_]'].flatMap((operator) => {
    const result = (type: string): string => (operator === '_[?_]' ? `optional<${type}>` : type);
    return [
      `${operator}(list<A>, int): ${result('A')}`,
      `${operator}(map<A, B>, A): ${result('B')}`,
      `${operator}(optional<list<A>>, int): optional<A>`,
      `${operator}(optional<map<A, B>>, A): optional<B>`,
    ];
  }),
];
