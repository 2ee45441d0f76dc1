import type { KindDefinition, KindView } from '../../sdk/api/kind.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isJsonObject } from '../apply/json-object.js';
import type { StoredObject } from '../store/object-store.js';
import type { ObjectFormat } from '../watch/watch-event.js';
import type { PatchBody } from './write-request.js';

/** A kind that shows the objects of another one under other names. */
export type ViewKind = KindDefinition & { readonly viewOf: KindView };

/** The stored object, with its text, in the form of the view. */
export function shownAs(view: ViewKind, stored: StoredObject): StoredObject {
  const shown = reversed(view.viewOf.renamed);
  const object = renameFields(JSON.parse(stored.json) as ApiObject, shown);
  return { ...stored, json: JSON.stringify({ ...object, ...identityOf(view) }) };
}

/** Puts objects into words in the form of the view. */
export function viewFormat(view: ViewKind, format: ObjectFormat): ObjectFormat {
  return {
    key: `${apiVersionOf(view)} ${format.key}`,
    render: (_kind, stored) => format.render(view, shownAs(view, stored)),
  };
}

/** An object in the form of the view, as one of the stored kind. */
export function asStored(view: ViewKind, kind: KindDefinition, object: ApiObject): ApiObject {
  const { apiVersion: _version, kind: _kind, ...fields } = object;
  return { ...identityOf(kind), ...renameFields(fields, view.viewOf.renamed) } as ApiObject;
}

/** A patch of the view's form as one of the stored form. */
export function patchAsStored(view: ViewKind, kind: KindDefinition, patch: PatchBody): PatchBody {
  const { renamed } = view.viewOf;
  const said = isJsonObject(patch.body) ? patch.body['apiVersion'] : undefined;
  const saidIdentity = said === apiVersionOf(view) ? identityOf(kind) : {};
  switch (patch.type) {
    case 'json':
      if (!Array.isArray(patch.body)) return patch;
      return { ...patch, body: patch.body.map((operation) => renamePointers(operation, renamed)) };
    default:
      if (!isJsonObject(patch.body)) return patch;
      return { ...patch, body: { ...renameFields(patch.body, renamed), ...saidIdentity } };
  }
}

/** A path such as `regarding.name` in the stored form. */
export function storedPath(view: ViewKind, path: string): string {
  const [first = '', ...rest] = path.split('.');
  return [renamedTo(view.viewOf.renamed, first), ...rest].join('.');
}

function identityOf(kind: KindDefinition): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

function renameFields(
  object: Readonly<Record<string, unknown>>,
  renamed: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const entries = Object.entries(object);
  return Object.fromEntries(entries.map(([name, value]) => [renamedTo(renamed, name), value]));
}

function renamePointers(operation: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (!isJsonObject(operation)) return operation;
  const pointers = ['path', 'from'].flatMap((name) => {
    const pointer = operation[name];
    if (typeof pointer !== 'string') return [];
    const [root, first, ...rest] = pointer.split('/');
    return first === undefined
      ? []
      : [[name, [root, renamedTo(renamed, first), ...rest].join('/')] as const];
  });
  return { ...operation, ...Object.fromEntries(pointers) };
}

function renamedTo(renamed: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(renamed, name) ? (renamed[name] ?? name) : name;
}

function reversed(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));
}
