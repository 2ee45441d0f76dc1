import { parse } from '@babel/parser';

/** A node of a syntax tree, as Babel names them. */
export interface SyntaxNode {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null;
  readonly [field: string]: unknown;
}

/** A node that stays at run time, and where it stands. */
export interface Place {
  readonly node: SyntaxNode;
  /** Field of the parent that holds it. */
  readonly field: string;
  readonly parent: Place | undefined;
}

/** What has run-time parts although it is TypeScript's. */
const VALUES_OF_TYPESCRIPT: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSImportEqualsDeclaration',
  'TSExternalModuleReference',
  'TSExportAssignment',
  'TSParameterProperty',
]);

/** @throws SyntaxError with the line. */
export function parseModule(text: string): SyntaxNode {
  const { program } = parse(text, {
    sourceType: 'module',
    plugins: ['typescript', 'decorators', 'explicitResourceManagement'],
  });
  return program as unknown as SyntaxNode;
}

/** Every node that is there at run time: what only types need is left out. */
export function* placesIn(
  node: SyntaxNode,
  field = '',
  parent: Place | undefined = undefined,
): Generator<Place> {
  if (isErased(node)) return;
  const place = { node, field, parent };
  yield place;
  for (const [name, value] of Object.entries(node)) {
    if (name === 'loc' || name === 'extra') continue;
    for (const inner of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(inner)) yield* placesIn(inner, name, place);
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
  );
}

/** The node in a field, without the assertions around it. */
export function inner(node: SyntaxNode, field: string): SyntaxNode | undefined {
  let value: unknown = node[field];
  while (
    isNode(value) &&
    /^TS(As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$|^ParenthesizedExpression$/.test(
      value.type,
    )
  ) {
    value = value['expression'];
  }
  return isNode(value) ? value : undefined;
}

/** The text that an expression always is; undefined when it may vary. */
export function constantText(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === 'StringLiteral') return node['value'] as string;
  if (node.type === 'BinaryExpression' && node['operator'] === '+') {
    const [left, right] = [constantText(inner(node, 'left')), constantText(inner(node, 'right'))];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (node.type !== 'TemplateLiteral') return undefined;
  const parts = (node['expressions'] as SyntaxNode[]).map(constantText);
  const quasis = node['quasis'] as { readonly value: { readonly cooked: string } }[];
  if (parts.includes(undefined)) return undefined;
  return quasis.map(({ value }, index) => value.cooked + (parts[index] ?? '')).join('');
}

function isErased(node: SyntaxNode): boolean {
  if (node['declare'] === true) return true;
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  return node.type.startsWith('TS') && !VALUES_OF_TYPESCRIPT.has(node.type);
}
