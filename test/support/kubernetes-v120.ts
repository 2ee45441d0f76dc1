import { itemElement } from '../../server/apply/path-element.js';
import { schemaNodeOf, type SchemaNode } from '../../server/apply/schema-walk.js';
import { KUBECTL_MANAGER, LAST_APPLIED_ANNOTATION } from '../../server/apply/last-applied.js';
import type { KubeResponse } from '../../sdk/kube/kube-transport.js';
import type { GadgetStep } from './gadget-steps.js';
import { GADGET_SCHEMA } from './gadgets.js';
import type { WriteOutcome } from './write-outcome.js';

type Fields = Record<string, unknown>;

/**
 * True when v1.20 refuses what it made of an apply itself: it leaves null where the last field of a
 * map or list goes. Newer servers remove the map, as we do.
 */
export function isNullLeftOver({ statusCode, body }: KubeResponse): boolean {
  const { message } = body as { message?: unknown };
  return (
    statusCode === 422 &&
    /of type (object|array): "null"|spec\.template\.(apiVersion|kind): Required/.test(
      String(message),
    )
  );
}

/**
 * True when v1.20 may mistake the fields of a conflict, so that kubectl does not get what its
 * client-side form had applied: see withoutConflictFields.
 */
export function isMistakenMigration(
  { manager }: GadgetStep,
  { statusCode }: KubeResponse,
  live: Fields | undefined,
): boolean {
  const { annotations = {} } = (live?.['metadata'] ?? {}) as { annotations?: Fields };
  return (
    manager === KUBECTL_MANAGER && statusCode === 409 && LAST_APPLIED_ANNOTATION in annotations
  );
}

/**
 * True when somebody owns a map, a list or an item, but nothing in it. At the next write v1.20 takes
 * that for a part that was atomic once, and gives them all that is in it; newer servers do not, and
 * we neither.
 */
export function isOwnedWithoutContents(object: Fields): boolean {
  const { managedFields } = object['metadata'] as { managedFields?: { fieldsV1: Fields }[] };
  const node = schemaNodeOf(GADGET_SCHEMA);
  return (managedFields ?? []).some(({ fieldsV1 }) => isBareBelow(fieldsV1, object, node));
}

function isBareBelow(fields: Fields, value: unknown, node: SchemaNode): boolean {
  const elements = Object.keys(fields).filter((element) => element !== '.');
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) ? node.listType === 'atomic' : node.isAtomicMap) return false;
  if (elements.length === 0) return Object.keys(value).length > 0;
  return elements.some((element) => {
    const below = fields[element] as Fields;
    if (!Array.isArray(value)) {
      const name = element.slice(2);
      return isBareBelow(below, (value as Fields)[name], node.field(name));
    }
    const item: unknown = value.find((one) => itemElement(node, one) === element);
    return isBareBelow(below, item, node.items);
  });
}

/**
 * The outcomes without the fields of conflicts where one manager has several: v1.20 names some of them
 * twice in the place of others. Their number stays.
 */
export function withoutConflictFields(outcome: WriteOutcome): WriteOutcome {
  const { causes = [], message: _message, ...rest } = outcome;
  const managers = causes.map(({ message }) => message);
  if (new Set(managers).size === managers.length) return outcome;
  return { ...rest, causes: causes.map(({ field: _field, ...cause }) => cause) };
}
