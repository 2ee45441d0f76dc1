import type { SizeBound } from './size-bound.js';
import { SCALAR, both, either, textBound } from './size-bound.js';

/** What one call costs, its arguments not counted, and how large its result is. */
interface CallEstimate {
  readonly cost: number;
  readonly bound: SizeBound;
}

type EstimateCall = (...args: readonly SizeBound[]) => CallEstimate;

/** cel-go's StringTraversalCostFactor and RegexStringLengthCostFactor. */
const PER_CHARACTER = 0.1;
const PER_PATTERN_CHARACTER = 0.25;
/** `validate` of a named format counts as a pattern of this many characters. */
const FORMAT_LENGTH = 100;
const MAX_NUMBER_LENGTH = 40;

const question: EstimateCall = () => ({ cost: 1, bound: SCALAR });
const readsFirst: EstimateCall = (text = SCALAR) => ({ cost: reading(text), bound: text });
const readsSecond: EstimateCall = (_text, part = SCALAR) => ({
  cost: reading(part),
  bound: SCALAR,
});
const comparison: EstimateCall = (a = SCALAR, b = SCALAR) => ({
  cost: Math.ceil(Math.min(a.max, b.max) * PER_CHARACTER),
  bound: SCALAR,
});
const overItems: EstimateCall = (list = SCALAR) => {
  // Of a text, `indexOf` reads each character.
  if (list.items === undefined) return { cost: reading(list), bound: SCALAR };
  return { cost: list.max * (1 + reading(list.items)), bound: list.items };
};
const sets: EstimateCall = (a = SCALAR, b = SCALAR) => ({ cost: a.max * b.max, bound: SCALAR });
const matching: EstimateCall = (text = SCALAR, pattern = SCALAR) => ({
  cost: Math.ceil((text.max + 1) * PER_CHARACTER) * Math.ceil(pattern.max * PER_PATTERN_CHARACTER),
  bound: text,
});

const COSTS: Readonly<Record<string, EstimateCall>> = {
  '==': comparison,
  '!=': comparison,
  '<': comparison,
  '<=': comparison,
  '>': comparison,
  '>=': comparison,
  '+': (a = SCALAR, b = SCALAR) => {
    const bound = both(a, b);
    return { cost: bound.items === undefined ? reading(bound) : 1, bound };
  },
  in: (_item, range = SCALAR) => ({ cost: range.keys ? 1 : range.max, bound: SCALAR }),
  '[]': (range = SCALAR) => ({ cost: 1, bound: range.items ?? SCALAR }),
  '[?]': (range = SCALAR) => ({ cost: 1, bound: range.items ?? SCALAR }),
  string: (value = SCALAR) => ({
    cost: reading(value),
    bound: textBound(Math.max(value.max, MAX_NUMBER_LENGTH)),
  }),
  bytes: (text = SCALAR) => ({ cost: reading(text), bound: textBound(text.max * 4) }),
  'strings.quote': (text = SCALAR) => ({
    cost: reading(text),
    bound: textBound(text.max * 2 + 2),
  }),
  url: readsFirst,
  isURL: readsFirst,
  ip: readsFirst,
  isIP: readsFirst,
  'ip.isCanonical': readsFirst,
  cidr: readsFirst,
  isCIDR: readsFirst,
  quantity: readsFirst,
  isQuantity: readsFirst,
  '.lowerAscii': readsFirst,
  '.upperAscii': readsFirst,
  '.substring': readsFirst,
  '.trim': readsFirst,
  '.reverse': readsFirst,
  '.startsWith': readsSecond,
  '.endsWith': readsSecond,
  '.containsIP': readsSecond,
  '.containsCIDR': readsSecond,
  '.contains': (text = SCALAR, part = SCALAR) => ({
    cost: reading(text) * reading(part),
    bound: SCALAR,
  }),
  '.format': (template = SCALAR, values = SCALAR) => ({
    cost: reading(template),
    bound: textBound(template.max + values.max * (values.items?.max ?? 1)),
  }),
  '.replace': (text = SCALAR, old = SCALAR, replacement = SCALAR) => ({
    cost: 2 * reading(text),
    bound: textBound(text.max + Math.ceil(text.max / Math.max(old.max, 1)) * replacement.max),
  }),
  '.split': (text = SCALAR) => ({
    cost: 2 * reading(text),
    bound: { max: text.max, items: textBound(text.max) },
  }),
  '.join': (list = SCALAR, separator = textBound(0)) => {
    const bound = textBound(list.max * ((list.items?.max ?? 1) + separator.max));
    return { cost: reading(bound), bound };
  },
  matches: matching,
  '.matches': matching,
  '.find': matching,
  '.findAll': (text = SCALAR, pattern = SCALAR) => ({
    cost: matching(text, pattern).cost,
    bound: { max: text.max, items: text },
  }),
  '.isSorted': overItems,
  '.sum': overItems,
  '.min': overItems,
  '.max': overItems,
  '.indexOf': overItems,
  '.lastIndexOf': overItems,
  'sets.contains': sets,
  'sets.intersects': sets,
  'sets.equivalent': sets,
  '.validate': (_format, text = SCALAR) => ({
    cost: matching(text, textBound(FORMAT_LENGTH)).cost,
    bound: { max: 10, items: textBound(FORMAT_LENGTH) },
  }),
  '.getQuery': (url = SCALAR) => ({
    cost: 1,
    bound: { max: url.max, items: { max: url.max, items: url }, keys: SCALAR },
  }),
  '.or': (a = SCALAR, b = SCALAR) => ({ cost: 1, bound: either(a, b) }),
  '.orValue': (a = SCALAR, b = SCALAR) => ({ cost: 1, bound: either(a, b) }),
  size: question,
  '.size': question,
};

/**
 * The estimate for a function, an operator or, with a dot before its name, a method. Others cost 1,
 * and give nothing larger than they were given.
 */
export function estimateCall(name: string, args: readonly SizeBound[]): CallEstimate {
  const known = Object.hasOwn(COSTS, name) ? COSTS[name] : undefined;
  return known === undefined ? { cost: 1, bound: args[0] ?? SCALAR } : known(...args);
}

function reading({ max }: SizeBound): number {
  return Math.ceil(max * PER_CHARACTER);
}
