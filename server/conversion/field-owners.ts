import type { KindDefinition, MovedField } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, ManagedFieldsEntry } from '../../sdk/api/object.js';
import { apiVersionOf, parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry, KindVersions } from '../../sdk/api/registry.js';
import { isJsonObject, ownValue, setOwnValue } from '../apply/json-object.js';
import { stepsBetween } from './conversion-steps.js';

type Registry = Pick<KindRegistry, 'findVersions'>;
type Fields = Record<string, unknown>;

/**
 * The object with `managedFields` in the words of `kind`'s version, for whoever compares them with
 * the object: at rest and on the wire each entry speaks of fields as its own `apiVersion` has them.
 * The object itself where that is the same.
 */
export function withOwnersIn<T extends ApiObject>(
  registry: Registry,
  kind: KindDefinition,
  object: T,
): T {
  return translated(registry, kind, object, (own) => [own, kind]);
}

/** Whether a version (`group/version`) of the kind is served: who wrote another one owns nothing more. */
export function isServedVersion(
  registry: Registry,
  kind: KindDefinition,
): (apiVersion: string) => boolean {
  const all = registry.findVersions(resourceName(kind))?.all ?? [kind];
  return (apiVersion) =>
    all.some((one) => one.served !== false && apiVersionOf(one) === apiVersion);
}

/** The way back: each entry in the words of its own `apiVersion`. */
export function withOwnersApart<T extends ApiObject>(
  registry: Registry,
  kind: KindDefinition,
  object: T,
): T {
  return translated(registry, kind, object, (own) => [kind, own]);
}

function translated<T extends ApiObject>(
  registry: Registry,
  kind: KindDefinition,
  object: T,
  direction: (own: KindDefinition) => readonly [from: KindDefinition, to: KindDefinition],
): T {
  const versions = registry.findVersions(resourceName(kind));
  const entries = object.metadata.managedFields;
  if (versions === undefined || !hasConversions(versions) || !Array.isArray(entries)) return object;
  const managedFields = entries.map((entry: ManagedFieldsEntry): ManagedFieldsEntry => {
    const { version } = parseApiVersion(String(entry.apiVersion));
    const own = versions.all.find((one) => one.version === version);
    if (own === undefined || entry.apiVersion === apiVersionOf(kind)) return entry;
    const steps = stepsBetween(...direction(own), versions.all);
    if (steps === undefined || !isJsonObject(entry.fieldsV1)) return entry;
    const fieldsV1 = structuredClone(entry.fieldsV1);
    for (const { moves } of steps) moveFields(fieldsV1, moves);
    return { ...entry, fieldsV1 };
  });
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function hasConversions({ all }: KindVersions): boolean {
  return all.some(({ conversion }) => conversion !== undefined);
}

function moveFields(fields: Fields, moves: readonly MovedField[]): void {
  const taken = moves.map(({ from, to }) => ({ to, part: takeOut(fields, pathOf(from)) }));
  for (const { to, part } of taken) if (part !== undefined) putIn(fields, pathOf(to), part);
}

function pathOf(path: string): string[] {
  return path.split('.').map((name) => `f:${name}`);
}

/** Takes a part out, and what that leaves empty: an empty part would stand for the place itself. */
function takeOut(place: Fields, path: readonly string[]): unknown {
  const [name = '', ...rest] = path;
  const found = ownValue(place, name);
  if (rest.length === 0) {
    delete place[name];
    return found;
  }
  if (!isJsonObject(found)) return undefined;
  const part = takeOut(found, rest);
  if (part !== undefined && Object.keys(found).length === 0) delete place[name];
  return part;
}

function putIn(root: Fields, path: readonly string[], part: unknown): void {
  let place = root;
  for (const name of path.slice(0, -1)) {
    const found = ownValue(place, name);
    if (isJsonObject(found)) {
      // Owned as a place: it says so beside what it holds.
      if (Object.keys(found).length === 0) found['.'] = {};
      place = found;
    } else {
      const made: Fields = {};
      setOwnValue(place, name, made);
      place = made;
    }
  }
  const last = path.at(-1) ?? '';
  const present = ownValue(place, last);
  setOwnValue(
    place,
    last,
    isJsonObject(present) && isJsonObject(part) ? { ...present, ...part } : part,
  );
}
