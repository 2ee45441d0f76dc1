import { ApiError } from '../../sdk/api/errors.js';
import { deepEqual } from './deep-equal.js';
import { isJsonObject, setOwnValue, type JsonObject } from './json-object.js';
import { parseJsonPointer } from './json-pointer.js';

/** Operations of one patch; Kubernetes' limit. */
const MAX_OPERATIONS = 10_000;
/** JSON text that all `copy` operations of one patch may make: stops doubling a document to death. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/** As for a body: what walks a document behind this does so by recursion. */
const MAX_DEPTH = 100;

type Operation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; path: string; from: string };

/**
 * RFC 6902, all or nothing. Modifies neither input; what the patch does not touch is shared with the
 * result. As in Kubernetes, an index may be negative (-1 is the last item, or the place after it for
 * `add`), and a `test` for null passes where the field is absent.
 *
 * Throws ApiError BadRequest for what is no list, RequestEntityTooLarge for more than 10,000
 * operations or 3 MiB copied or a result of more than 100 levels, Invalid for an operation that cannot be read or done or a `test` that
 * fails; the message names the operation and its path.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = readOperations(patch);
  const editor = new DocumentEditor(document);
  for (const [index, operation] of operations.entries()) editor.run(operation, index);
  if (isDeeper(editor.document, MAX_DEPTH)) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `Request entity too large: the patch nests the object more than ${MAX_DEPTH} levels deep`,
    );
  }
  return editor.document;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function readOperations(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) {
    throw new ApiError('BadRequest', 'a JSON patch must be a list of operations');
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch.map(readOperation);
}

function readOperation(operation: unknown, index: number): Operation {
  const where = `JSON patch operation ${index}`;
  if (!isJsonObject(operation)) {
    throw new ApiError('BadRequest', `${where} must be an object, with "op" and "path"`);
  }
  const { op, path, from, value } = operation;
  if (typeof path !== 'string') throw rejected(where, 'path must be a string');
  switch (op) {
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      if (typeof from === 'string') return { op, path, from };
      throw rejected(where, `${op} needs "from", a path`);
    case 'add':
    case 'replace':
    case 'test':
      if (value !== undefined) return { op, path, value };
      throw rejected(where, `${op} of ${path} needs "value"`);
    default:
      throw rejected(
        where,
        `unknown op ${JSON.stringify(op)}; it is one of add, remove, replace, move, copy, test`,
      );
  }
}

/** A document under edit: containers are copied when first written to, and only then. */
class DocumentEditor {
  document: unknown;
  readonly #ownContainers = new WeakSet<object>();
  #copiedBytes = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  run(operation: Operation, index: number): void {
    const where = `JSON patch operation ${index} (${operation.op} ${operation.path})`;
    const path = parseJsonPointer(operation.path, where);
    switch (operation.op) {
      case 'add':
        this.#add(path, operation.value, where);
        break;
      case 'remove':
        this.#remove(path, where);
        break;
      case 'replace':
        this.#replace(path, operation.value, where);
        break;
      case 'test':
        this.#test(path, operation.value, where);
        break;
      case 'move':
        this.#move(parseJsonPointer(operation.from, where), path, where);
        break;
      case 'copy':
        this.#add(path, this.#cloneOf(parseJsonPointer(operation.from, where), where), where);
        break;
    }
  }

  #test(path: readonly string[], value: unknown, where: string): void {
    const key = path.at(-1);
    if (value === null && key !== undefined) {
      const parent = this.#get(path.slice(0, -1), where);
      if (isJsonObject(parent) && !Object.hasOwn(parent, key)) return;
    }
    if (!deepEqual(this.#get(path, where), value)) throw rejected(where, 'testing value failed');
  }

  #add(path: readonly string[], value: unknown, where: string): void {
    const key = path.at(-1);
    if (key === undefined) {
      this.document = value;
      return;
    }
    const container = this.#writable(path.slice(0, -1), where);
    if (Array.isArray(container)) {
      const at = key === '-' ? container.length : indexIn(container.length + 1, key, where);
      container.splice(at, 0, value);
    } else {
      setOwnValue(container, key, value);
    }
  }

  #remove(path: readonly string[], where: string): void {
    const key = path.at(-1);
    if (key === undefined) {
      throw rejected(where, 'the whole document cannot be removed');
    }
    this.#get(path, where);
    const container = this.#writable(path.slice(0, -1), where);
    if (Array.isArray(container)) container.splice(indexIn(container.length, key, where), 1);
    else delete container[key];
  }

  #replace(path: readonly string[], value: unknown, where: string): void {
    const key = path.at(-1);
    if (key === undefined) {
      this.document = value;
      return;
    }
    this.#get(path, where);
    const container = this.#writable(path.slice(0, -1), where);
    if (Array.isArray(container)) container[indexIn(container.length, key, where)] = value;
    else setOwnValue(container, key, value);
  }

  #move(from: readonly string[], path: readonly string[], where: string): void {
    if (from.length < path.length && from.every((token, index) => token === path[index])) {
      throw rejected(where, 'a value cannot be moved into itself');
    }
    const value = this.#get(from, where);
    if (from.length === 0) return;
    this.#remove(from, where);
    this.#add(path, value, where);
  }

  #cloneOf(from: readonly string[], where: string): unknown {
    const text = JSON.stringify(this.#get(from, where));
    this.#copiedBytes += text.length;
    if (this.#copiedBytes > MAX_COPIED_BYTES) {
      throw new ApiError(
        'RequestEntityTooLarge',
        `${where}: the copy operations of this patch make more than ${MAX_COPIED_BYTES} bytes`,
      );
    }
    // A copy of its own, as the original may be edited in place from now on.
    return JSON.parse(text);
  }

  #get(path: readonly string[], where: string): unknown {
    let value = this.document;
    for (const token of path) value = childOf(value, token, where);
    return value;
  }

  /** The container at a path, with every container on the way to it made this editor's own. */
  #writable(path: readonly string[], where: string): JsonObject | unknown[] {
    let container = this.#own(this.document, where);
    this.document = container;
    for (const token of path) {
      const child = this.#own(childOf(container, token, where), where);
      if (Array.isArray(container)) container[indexIn(container.length, token, where)] = child;
      else setOwnValue(container, token, child);
      container = child;
    }
    return container;
  }

  #own(value: unknown, where: string): JsonObject | unknown[] {
    if (typeof value !== 'object' || value === null) {
      throw rejected(where, 'the parent is neither an object nor a list');
    }
    if (this.#ownContainers.has(value)) return value as JsonObject | unknown[];
    const copy = Array.isArray(value) ? [...value] : { ...value };
    this.#ownContainers.add(copy);
    return copy;
  }
}

function childOf(value: unknown, token: string, where: string): unknown {
  if (Array.isArray(value)) return value[indexIn(value.length, token, where)];
  if (isJsonObject(value) && Object.hasOwn(value, token)) return value[token];
  throw rejected(where, `missing value: nothing is at ${JSON.stringify(token)}`);
}

function indexIn(length: number, token: string, where: string): number {
  if (!/^[+-]?[0-9]+$/.test(token)) {
    throw rejected(where, `${JSON.stringify(token)} is no index of a list`);
  }
  const given = Number(token);
  const index = given < 0 ? given + length : given;
  if (index < 0 || index >= length) throw rejected(where, `index ${token} is outside of the list`);
  return index;
}

/** Begins with Kubernetes' words for a patch that does not fit, which say no more than that. */
function rejected(where: string, why: string): ApiError {
  return new ApiError(
    'Invalid',
    `the server rejected our request due to an error in our request: ${where}: ${why}`,
  );
}
