import { isJsonObject, ownValue } from '../apply/json-object.js';

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'all' }
  | { readonly type: 'filter'; readonly path: readonly string[]; readonly value: unknown };

/** A compiled JSONPath. Gives all matches, in order; a step that leads nowhere matches nothing. */
export type JsonPath = (object: unknown) => readonly unknown[];

/** Columns come and go with their definitions: what is kept of them must not grow for ever. */
const MAX_CACHED = 10_000;
const MAX_CACHED_CHARS = 500;
const cache = new Map<string, JsonPath>();

/**
 * The simple JSONPath of printer columns: `.a.b`, `['a.b']`, `.a\.b`, `[0]`, `[*]`,
 * `[?(@.type=="Ready")]`. What cannot be read matches nothing: a column stays empty.
 */
export function jsonPath(text: string): JsonPath {
  let path = cache.get(text);
  if (path === undefined) {
    const steps = parse(text);
    path = steps === undefined ? () => [] : (object) => steps.reduce(follow, [object] as unknown[]);
    if (cache.size >= MAX_CACHED) cache.clear();
    if (text.length <= MAX_CACHED_CHARS) cache.set(text, path);
  }
  return path;
}

const FIELD = /^\.?((?:\\.|[^.[\]\\])+)/;
const QUOTED = /^\[(?:'([^']*)'|"([^"]*)")\]/;
const INDEX = /^\[(-?\d+)\]/;
const ALL = /^(?:\[\*\]|\.\*)/;
const FILTER =
  /^\[\?\(\s*@\.([A-Za-z0-9_.-]+)\s*==\s*(?:"([^"]*)"|'([^']*)'|(-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false))\s*\)\]/;

function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  while (rest !== '' && rest !== '.') {
    let match: RegExpExecArray | null;
    if ((match = ALL.exec(rest)) !== null) steps.push({ type: 'all' });
    else if ((match = QUOTED.exec(rest)) !== null) {
      steps.push({ type: 'field', name: match[1] ?? match[2] ?? '' });
    } else if ((match = INDEX.exec(rest)) !== null) {
      steps.push({ type: 'index', index: Number(match[1]) });
    } else if ((match = FILTER.exec(rest)) !== null) {
      const value = match[2] ?? match[3] ?? JSON.parse(match[4] ?? 'null');
      steps.push({ type: 'filter', path: (match[1] ?? '').split('.'), value });
    } else if ((match = FIELD.exec(rest)) !== null) {
      steps.push({ type: 'field', name: (match[1] ?? '').replace(/\\(.)/g, '$1') });
    } else return undefined;
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function follow(values: unknown[], step: Step): unknown[] {
  return values.flatMap((value): unknown[] => {
    switch (step.type) {
      case 'field': {
        const found = isJsonObject(value) ? ownValue(value, step.name) : undefined;
        return found === undefined ? [] : [found];
      }
      case 'index': {
        const found: unknown = Array.isArray(value) ? value.at(step.index) : undefined;
        return found === undefined ? [] : [found];
      }
      case 'all':
        return Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
      case 'filter':
        return Array.isArray(value)
          ? value.filter((item) => fieldAt(item, step.path) === step.value)
          : [];
    }
  });
}

function fieldAt(item: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (place, name) => (isJsonObject(place) ? ownValue(place, name) : undefined),
    item,
  );
}
