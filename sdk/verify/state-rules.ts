import { inner, isNode, type Place, type SyntaxNode } from './syntax.js';
import { nameOfMember } from './global-rules.js';

const CHANGING_METHODS: ReadonlySet<string> = new Set(
  'set add delete clear push pop shift unshift splice sort reverse fill copyWithin assign'.split(
    ' ',
  ),
);
const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet']);
const WHAT =
  'state that outlives the attempt: another worker does not have it; keep it in ctx.status';

/** What a module declares or imports at its top, by name. */
export function namesAtTop(program: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of program['body'] as SyntaxNode[]) {
    const declared = isNode(statement['declaration']) ? statement['declaration'] : statement;
    for (const id of [declared['id'], ...idsOf(declared)]) {
      if (isNode(id)) for (const name of namesOfPattern(id)) names.add(name);
    }
  }
  return names;
}

/** What is wrong with a node as state that is not an object's; undefined: nothing. */
export function stateFinding(place: Place, top: ReadonlySet<string>): string | undefined {
  const { node } = place;
  switch (node.type) {
    case 'VariableDeclaration':
      return isAtTop(place) ? declarationFinding(node) : undefined;
    case 'ClassProperty':
    case 'ClassPrivateProperty':
    case 'ClassAccessorProperty':
      return node['static'] === true && node['readonly'] !== true
        ? `a static field is ${WHAT}`
        : undefined;
    case 'StaticBlock':
      return `a static block makes ${WHAT}`;
    case 'AwaitExpression':
      return isOutsideFunctions(place) ? 'the module works while it is loaded' : undefined;
    case 'AssignmentExpression':
      return changes(inner(node, 'left'), top);
    case 'UpdateExpression':
      return changes(inner(node, 'argument'), top);
    case 'UnaryExpression':
      return node['operator'] === 'delete' ? changes(inner(node, 'argument'), top) : undefined;
    case 'ForInStatement':
    case 'ForOfStatement':
      return changes(inner(node, 'left'), top);
    case 'CallExpression':
    case 'OptionalCallExpression':
      return callFinding(place, top);
    default:
      return undefined;
  }
}

function declarationFinding(node: SyntaxNode): string | undefined {
  if (node['kind'] !== 'const') return `"${String(node['kind'])}" at the top is ${WHAT}`;
  const isEmpty = (node['declarations'] as SyntaxNode[]).some((declarator) => {
    const value = inner(declarator, 'init');
    if (value?.type === 'ArrayExpression') return (value['elements'] as unknown[]).length === 0;
    if (value?.type === 'ObjectExpression') return (value['properties'] as unknown[]).length === 0;
    if (value?.type !== 'NewExpression') return false;
    const callee = inner(value, 'callee')?.['name'];
    return COLLECTIONS.has(String(callee)) && (value['arguments'] as unknown[]).length === 0;
  });
  return isEmpty ? `what begins empty at the top is ${WHAT}` : undefined;
}

function callFinding(place: Place, top: ReadonlySet<string>): string | undefined {
  const callee = inner(place.node, 'callee');
  if (callee === undefined) return undefined;
  if (callee.type.endsWith('FunctionExpression') && isOutsideFunctions(place)) {
    return `a function called at the top makes ${WHAT}`;
  }
  if (!callee.type.endsWith('MemberExpression')) return undefined;
  const method = nameOfMember(callee, 'property');
  if (method === undefined || !CHANGING_METHODS.has(method)) return undefined;
  // Object.assign(target, …) changes its argument.
  const [first] = place.node['arguments'] as SyntaxNode[];
  const object = inner(callee, 'object');
  const changed = method === 'assign' && object?.['name'] === 'Object' ? first : object;
  return changes(changed, top, true);
}

/** `isWhole`: the value itself is changed, not what the name stands for. */
function changes(
  target: SyntaxNode | undefined,
  top: ReadonlySet<string>,
  isWhole = false,
): string | undefined {
  if (target === undefined) return undefined;
  if (!isWhole && !target.type.endsWith('MemberExpression')) return undefined;
  let root: SyntaxNode | undefined = target;
  while (root !== undefined && root.type.endsWith('MemberExpression')) root = inner(root, 'object');
  const name = root?.type === 'Identifier' ? String(root['name']) : undefined;
  if (name === undefined) return undefined;
  if (top.has(name)) return `a change of ${name}, which stands at the top, makes ${WHAT}`;
  return name in globalThis ? `a change of ${name} is one for the whole process` : undefined;
}

function isAtTop({ parent }: Place): boolean {
  const type = parent?.node.type;
  return (
    type === 'Program' ||
    (type === 'ExportNamedDeclaration' && parent?.parent?.node.type === 'Program')
  );
}

function isOutsideFunctions({ parent }: Place): boolean {
  for (let at = parent; at !== undefined; at = at.parent) {
    if (/Function|Method/.test(at.node.type)) return false;
  }
  return true;
}

function idsOf(declaration: SyntaxNode): unknown[] {
  const declarators = (declaration['declarations'] ?? []) as SyntaxNode[];
  const specifiers = (declaration['specifiers'] ?? []) as SyntaxNode[];
  return [...declarators.map(({ id }) => id), ...specifiers.map(({ local }) => local)];
}

function* namesOfPattern(pattern: SyntaxNode): Generator<string> {
  if (pattern.type === 'Identifier') yield String(pattern['name']);
  const nested = [
    ...((pattern['properties'] ?? []) as SyntaxNode[]).map(
      (each) => each['value'] ?? each['argument'],
    ),
    ...((pattern['elements'] ?? []) as (SyntaxNode | null)[]),
    pattern['left'],
    pattern['argument'],
  ];
  for (const each of nested) if (isNode(each)) yield* namesOfPattern(each);
}
