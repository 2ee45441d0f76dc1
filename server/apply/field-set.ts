/**
 * A set of field paths, as a tree: Kubernetes' FieldsV1 with the JSON parsed. `self` says whether
 * the path of this node is in the set; `children` are keyed by FieldsV1 path elements (`f:name`,
 * `k:{"name":"x"}`, `v:"x"`, `i:0`). Immutable and freely shared; made by `fieldSet` only, so that
 * an empty set is always EMPTY_FIELD_SET.
 */
export interface FieldSet {
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<string, FieldSet> = new Map();

export const EMPTY_FIELD_SET: FieldSet = { self: false, children: NO_CHILDREN };
/** The set of one path: the place itself. */
export const SELF_FIELD_SET: FieldSet = { self: true, children: NO_CHILDREN };

/** A node of a set. The map is kept, not copied: the caller gives it away. It holds no empty sets. */
export function fieldSet(self: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet {
  if (children.size > 0) return { self, children };
  return self ? SELF_FIELD_SET : EMPTY_FIELD_SET;
}

export function isEmptySet(set: FieldSet): boolean {
  return set === EMPTY_FIELD_SET;
}

/** The same set with its own place in it. */
export function withSelf(set: FieldSet): FieldSet {
  return set.self ? set : fieldSet(true, set.children);
}

/** The set that holds one path, given as FieldsV1 path elements. */
export function fieldSetOfPath(path: readonly string[]): FieldSet {
  return path.reduceRight(
    (set, element) => fieldSet(false, new Map([[element, set]])),
    SELF_FIELD_SET,
  );
}

/** The set of several paths. */
export function fieldSetOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, fieldSetOfPath(path)), EMPTY_FIELD_SET);
}

/** True when exactly this path is in the set; a parent or a child of a member is not enough. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node.children.get(element);
    if (node === undefined) return false;
  }
  return node.self;
}

/** Paths in either. Returns `left` itself when `right` adds nothing. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  let children: Map<string, FieldSet> | undefined;
  for (const [element, rightChild] of right.children) {
    const leftChild = left.children.get(element);
    const joined = leftChild === undefined ? rightChild : union(leftChild, rightChild);
    if (joined === leftChild) continue;
    children ??= new Map(left.children);
    children.set(element, joined);
  }
  if (children === undefined && (left.self || !right.self)) return left;
  return fieldSet(left.self || right.self, children ?? left.children);
}

/** Paths of `left` that are not in `right`. Returns `left` itself when nothing goes. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return EMPTY_FIELD_SET;
  let children: Map<string, FieldSet> | undefined;
  // A set of changes is mostly far smaller than what a manager owns.
  const [smaller, larger] =
    left.children.size < right.children.size
      ? [left.children, right.children]
      : [right.children, left.children];
  for (const element of smaller.keys()) {
    if (!larger.has(element)) continue;
    const leftChild = left.children.get(element) ?? EMPTY_FIELD_SET;
    const kept = difference(leftChild, right.children.get(element) ?? EMPTY_FIELD_SET);
    if (kept === leftChild) continue;
    children ??= new Map(left.children);
    if (isEmptySet(kept)) children.delete(element);
    else children.set(element, kept);
  }
  const self = left.self && !right.self;
  if (children === undefined && self === left.self) return left;
  return fieldSet(self, children ?? left.children);
}

/** As `difference`, but a path in `right` takes everything below it out as well. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  if (right.self) return EMPTY_FIELD_SET;
  let children: Map<string, FieldSet> | undefined;
  for (const [element, rightChild] of right.children) {
    const leftChild = left.children.get(element);
    if (leftChild === undefined) continue;
    const kept = recursiveDifference(leftChild, rightChild);
    if (kept === leftChild) continue;
    children ??= new Map(left.children);
    if (isEmptySet(kept)) children.delete(element);
    else children.set(element, kept);
  }
  return children === undefined ? left : fieldSet(left.self, children);
}

/** Paths in both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const [smaller, larger] =
    left.children.size < right.children.size ? [left, right] : [right, left];
  const children = new Map<string, FieldSet>();
  for (const [element, child] of smaller.children) {
    const other = larger.children.get(element);
    const shared = other === undefined ? EMPTY_FIELD_SET : intersection(child, other);
    if (!isEmptySet(shared)) children.set(element, shared);
  }
  return fieldSet(left.self && right.self, children);
}

/** True when every path of `inner` is in `outer`. */
export function isSubset(inner: FieldSet, outer: FieldSet): boolean {
  if (inner === outer) return true;
  if (inner.self && !outer.self) return false;
  for (const [element, child] of inner.children) {
    const other = outer.children.get(element);
    if (other === undefined || !isSubset(child, other)) return false;
  }
  return true;
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  return left === right || (isSubset(left, right) && isSubset(right, left));
}

/** Only the paths with no other path of the set below them. */
export function leavesOf(set: FieldSet): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) children.set(element, leavesOf(child));
  return fieldSet(false, children);
}

/** Every path of the set, in Kubernetes' order: members of a place first, then what is below. */
export function pathsOf(set: FieldSet): string[][] {
  const paths: string[][] = set.self ? [[]] : [];
  collectPaths(set, [], paths);
  return paths;
}

function collectPaths(set: FieldSet, prefix: readonly string[], into: string[][]): void {
  const elements = [...set.children.keys()].toSorted(comparePathElements);
  for (const element of elements) {
    if (set.children.get(element)?.self === true) into.push([...prefix, element]);
  }
  for (const element of elements) {
    collectPaths(set.children.get(element) ?? EMPTY_FIELD_SET, [...prefix, element], into);
  }
}

const ELEMENT_KINDS = 'fkvi';

/** The order of FieldsV1 keys: fields, list-map keys, set values, indexes; each kind by its text. */
export function comparePathElements(left: string, right: string): number {
  const kind = ELEMENT_KINDS.indexOf(left.charAt(0)) - ELEMENT_KINDS.indexOf(right.charAt(0));
  if (kind !== 0) return kind;
  if (left.startsWith('i:')) return Number(left.slice(2)) - Number(right.slice(2));
  return left < right ? -1 : left > right ? 1 : 0;
}
