import { constantText, inner, type Place, type SyntaxNode } from './syntax.js';

/** What of the language itself a reconciler may use: it is the same at every run. */
const PURE: ReadonlySet<string> = new Set(
  (
    'undefined NaN Infinity isNaN isFinite parseInt parseFloat encodeURI encodeURIComponent decodeURI ' +
    'decodeURIComponent atob btoa structuredClone Array String Number Boolean BigInt Symbol Map Set ' +
    'WeakMap WeakSet JSON RegExp Promise Iterator Error TypeError RangeError SyntaxError EvalError ' +
    'ReferenceError URIError AggregateError DOMException URL URLSearchParams TextEncoder TextDecoder ' +
    'ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array ' +
    'Uint8ClampedArray Float32Array Float64Array BigInt64Array BigUint64Array AbortController'
  ).split(' '),
);

/** Pure but for some of their members: they are used by name, member by member. */
const MEMBERS_REFUSED: Readonly<Record<string, readonly string[]>> = {
  Math: ['random'],
  Date: ['now'],
  AbortSignal: ['timeout'],
  Buffer: ['allocUnsafe', 'allocUnsafeSlow'],
  Object: [
    'getPrototypeOf',
    'setPrototypeOf',
    'defineProperty',
    'defineProperties',
    'getOwnPropertyDescriptor',
    'getOwnPropertyDescriptors',
    'getOwnPropertyNames',
    'getOwnPropertySymbols',
  ],
};

/** Whatever this Node has in its global object, and names that other environments have. */
const GLOBALS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  ...'require module exports __dirname __filename self window localStorage'.split(' '),
  ...'sessionStorage WebSocket EventSource crypto'.split(' '),
]);

/** The way from any value to the code behind it, and from there to everything. */
const BACK_DOORS: ReadonlySet<string> = new Set([
  'constructor',
  'prototype',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  'prepareStackTrace',
]);

/** What is wrong with a node as a use of the global environment; undefined: nothing. */
export function globalFinding(place: Place): string | undefined {
  const { node } = place;
  switch (node.type) {
    case 'Identifier':
      return isReference(place) ? identifierFinding(place) : undefined;
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return backDoor(nameOfMember(node, 'property'));
    case 'ObjectProperty':
      return backDoor(nameOfMember(node, 'key'));
    case 'Import':
    case 'ImportExpression':
      return 'loads a module while it runs: import it at the top';
    case 'MetaProperty':
      return node['meta'] && (node['meta'] as SyntaxNode)['name'] === 'import'
        ? 'import.meta depends on where it runs'
        : undefined;
    case 'TSImportEqualsDeclaration':
      return 'import … = require() loads whatever it likes: use import … from';
    case 'TSModuleDeclaration':
      return 'a namespace is state that all objects share: use a module';
    default:
      return undefined;
  }
}

/** The name that a member expression or a property is about, as far as it is certain. */
export function nameOfMember(node: SyntaxNode, field: 'property' | 'key'): string | undefined {
  const name = inner(node, field);
  if (node['computed'] === true) return constantText(name);
  return name?.type === 'StringLiteral'
    ? (name['value'] as string)
    : (name?.['name'] as string | undefined);
}

function backDoor(name: string | undefined): string | undefined {
  return name !== undefined && BACK_DOORS.has(name) ? `.${name} leads around the ports` : undefined;
}

function identifierFinding(place: Place): string | undefined {
  const name = place.node['name'] as string;
  if (!GLOBALS.has(name) || PURE.has(name)) return undefined;
  const refused = Object.hasOwn(MEMBERS_REFUSED, name) ? MEMBERS_REFUSED[name] : undefined;
  if (refused === undefined) return `${name} is outside: a reconciler reaches the world by ctx`;
  if (isInstanceCheck(place) || (name === 'Date' && isDateOf(place))) return undefined;
  const member = memberOf(place);
  if (member === undefined) return `${name} is used by its members alone, each by its name`;
  return refused.includes(member) ? `${name}.${member} ${WHY[name] ?? ''}` : undefined;
}

const WHY: Readonly<Record<string, string>> = {
  Math: 'is chance: use ctx.random',
  Date: 'is the time of the machine: use ctx.clock.nowMs()',
  AbortSignal: 'is a timer: calls through ctx have time limits',
  Buffer: 'shows old memory',
  Object: 'leads around the ports',
};

/** `new Date(something)`: a time that comes from elsewhere. */
function isDateOf({ field, parent }: Place): boolean {
  if (field !== 'callee' || parent?.node.type !== 'NewExpression') return false;
  const [first] = parent.node['arguments'] as SyntaxNode[];
  return first !== undefined && first.type !== 'SpreadElement';
}

function isInstanceCheck({ field, parent }: Place): boolean {
  return field === 'right' && parent?.node['operator'] === 'instanceof';
}

function memberOf({ field, parent }: Place): string | undefined {
  if (field !== 'object' || parent === undefined) return undefined;
  return nameOfMember(parent.node, 'property');
}

/** Whether an identifier names a value, and not a member, a key or a label. */
function isReference({ field, parent }: Place): boolean {
  if (parent === undefined) return true;
  const { type, computed, shorthand } = parent.node;
  if (type.endsWith('MemberExpression')) return field === 'object' || computed === true;
  if (
    /^(Object|Class)(Private)?(Property|Method|AccessorProperty)$/.test(type) &&
    field === 'key'
  ) {
    return computed === true || shorthand === true;
  }
  if (/^(Labeled|Break|Continue)Statement$/.test(type)) return field !== 'label';
  if (type === 'ImportSpecifier') return field === 'local';
  if (type === 'ExportSpecifier')
    return field === 'local' && (parent.parent?.node['source'] ?? null) === null;
  if (type === 'MetaProperty') return false;
  return !(type === 'TSEnumMember' && field === 'id');
}
