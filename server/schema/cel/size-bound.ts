/** How large a value can be at most, as far as the schema and the expression say. */
export interface SizeBound {
  /** Bytes of a text, items of a list, entries of a map; 1 for a number. */
  readonly max: number;
  /** Of the items of a list or the values of a map. */
  readonly items?: SizeBound;
  readonly keys?: SizeBound;
  /** Of an object's fields, by the names that expressions use. */
  readonly field?: (name: string) => SizeBound | undefined;
}

export const SCALAR: SizeBound = { max: 1 };

export function textBound(max: number): SizeBound {
  return { max };
}

/** Of a value that is one or the other. */
export function either(a: SizeBound, b: SizeBound): SizeBound {
  const max = Math.max(a.max, b.max);
  return { ...inside(a, b), max };
}

/** Of one list or text after the other. */
export function both(a: SizeBound, b: SizeBound): SizeBound {
  return { ...inside(a, b), max: a.max + b.max };
}

function inside(a: SizeBound, b: SizeBound): Omit<SizeBound, 'max'> {
  const items = a.items && b.items ? either(a.items, b.items) : (a.items ?? b.items);
  const keys = a.keys ?? b.keys;
  const field = a.field ?? b.field;
  return { ...(items && { items }), ...(keys && { keys }), ...(field && { field }) };
}
