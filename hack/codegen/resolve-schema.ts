import type { SchemaNode } from './load-schemas.js';

const RULES = 'x-kubernetes-validations';

/** Our spelling of merge keywords, and Kubernetes', which the registry carries. */
const KUBERNETES_KEYWORDS: Readonly<Record<string, string>> = {
  'x-list-type': 'x-kubernetes-list-type',
  'x-list-map-keys': 'x-kubernetes-list-map-keys',
  'x-map-type': 'x-kubernetes-map-type',
  'x-validations': RULES,
};

/** Keywords that the registry carries elsewhere than in the schema. */
const REGISTRY_KEYWORDS = ['x-threeport', 'x-ref', 'x-indexed', 'x-immutable', 'x-sensitive'];

/**
 * The schema of a document with every `$ref` and `allOf` put in place, so that what the server walks
 * is structural: one node says everything about one field. A definition that holds itself, as JSON
 * Schema does, stays a `$ref`, and is among the `definitions` of the result.
 *
 * @throws Error naming a reference that leads nowhere.
 */
export function resolveDocument(
  document: SchemaNode,
  definitions: Readonly<Record<string, SchemaNode>>,
): SchemaNode {
  const resolved = resolveSchema(document, definitions);
  const kept: Record<string, SchemaNode> = {};
  for (let names = referencesIn(resolved); names.length > 0;) {
    const fresh = [...new Set(names)].filter((name) => kept[name] === undefined);
    names = fresh.flatMap((name) => {
      kept[name] = resolveSchema(definitions[name] ?? {}, definitions, [name]);
      return referencesIn(kept[name]);
    });
  }
  return Object.keys(kept).length === 0 ? resolved : { ...resolved, definitions: kept };
}

/** Names of the definitions that a resolved schema still refers to. */
function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([keyword, value]) =>
    keyword === '$ref' && typeof value === 'string' ? [definitionName(value)] : referencesIn(value),
  );
}

/** A node with every `$ref` put in place but those on the `trail`: the definitions around it. */
export function resolveSchema(
  node: SchemaNode,
  definitions: Readonly<Record<string, SchemaNode>>,
  trail: readonly string[] = [],
): SchemaNode {
  if (typeof node['$ref'] === 'string') {
    const name = definitionName(node['$ref']);
    const target = definitions[name];
    if (target === undefined) throw new Error(`$ref "${node['$ref']}" leads nowhere`);
    if (trail.includes(name)) return { $ref: node['$ref'] };
    const { $ref: _ref, ...beside } = node;
    const named = resolveSchema(target, definitions, [...trail, name]);
    const own = resolveSchema(beside, definitions, trail);
    return { ...named, ...own, ...rulesOfBoth(named, own) };
  }
  const parts = Array.isArray(node['allOf'])
    ? (node['allOf'] as SchemaNode[]).map((part) => resolveSchema(part, definitions, trail))
    : [];
  const own: SchemaNode = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === 'allOf' || REGISTRY_KEYWORDS.includes(keyword)) continue;
    own[KUBERNETES_KEYWORDS[keyword] ?? keyword] = resolveKeyword(
      keyword,
      value,
      definitions,
      trail,
    );
  }
  return [...parts, own].reduce(mergeNodes, {});
}

function resolveKeyword(
  keyword: string,
  value: unknown,
  definitions: Readonly<Record<string, SchemaNode>>,
  trail: readonly string[],
): unknown {
  if (keyword === 'properties') {
    return Object.fromEntries(
      Object.entries(value as Record<string, SchemaNode>).map(([name, property]) => [
        name,
        resolveSchema(property, definitions, trail),
      ]),
    );
  }
  const isNode = typeof value === 'object' && value !== null && !Array.isArray(value);
  return (keyword === 'items' || keyword === 'additionalProperties') && isNode
    ? resolveSchema(value as SchemaNode, definitions, trail)
    : value;
}

function mergeNodes(left: SchemaNode, right: SchemaNode): SchemaNode {
  const merged: SchemaNode = { ...left, ...right };
  if (left['properties'] !== undefined && right['properties'] !== undefined) {
    merged['properties'] = {
      ...(left['properties'] as object),
      ...(right['properties'] as object),
    };
  }
  if (left['required'] !== undefined && right['required'] !== undefined) {
    merged['required'] = [...(left['required'] as string[]), ...(right['required'] as string[])];
  }
  return { ...merged, ...rulesOfBoth(left, right) };
}

function rulesOfBoth(left: SchemaNode, right: SchemaNode): SchemaNode {
  const rules = [left[RULES], right[RULES]].flatMap((given) => (given ?? []) as unknown[]);
  return rules.length === 0 ? {} : { [RULES]: rules };
}

export function definitionName(ref: string): string {
  return ref.replace(/^#\/definitions\//, '');
}
