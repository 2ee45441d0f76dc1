import type { Client } from '../client/index.js';
import { fromStatus } from '../sdk/api/errors.js';
import { collectionPath, resourceName } from '../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import type { DiscoveredKind } from './discovery.js';

/** One object of a discovered kind. The namespace is ignored for cluster-scoped kinds. */
export interface ObjectPlace {
  readonly kind: DiscoveredKind;
  readonly namespace: string;
  readonly name: string;
}

export function placePath({ kind, namespace, name }: ObjectPlace): string {
  return `${collectionPath(kind, kind.namespaced ? namespace : undefined)}/${encodeURIComponent(name)}`;
}

/** `workload.workload.threeport.io/web`, as kubectl names an object. */
export function placeName({ kind, name }: { kind: DiscoveredKind; name: string }): string {
  return `${resourceName({ plural: kind.singular, group: kind.group })}/${name}`;
}

export interface ServerApplyOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface Applied {
  readonly object: StoredApiObject;
  /** What the server warned of, in its words. */
  readonly warnings: readonly string[];
}

/** Server-side apply as field manager `tptctl`; unknown fields are refused. */
export async function applyObject(
  client: Client,
  place: ObjectPlace,
  object: ApiObject,
  options: ServerApplyOptions,
): Promise<Applied> {
  const answer = await client.raw({
    method: 'PATCH',
    path: placePath(place),
    query: {
      fieldManager: 'tptctl',
      fieldValidation: 'Strict',
      force: options.force ? true : undefined,
      dryRun: options.dryRun ? 'All' : undefined,
    },
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: object,
    idempotent: true,
  });
  const body = parse(answer.text);
  if (answer.statusCode >= 300) throw fromStatus(answer.statusCode, body);
  return { object: body as StoredApiObject, warnings: warningsOf(answer.headers['warning']) };
}

/** The texts of `Warning: 299 - "text"` headers. */
function warningsOf(header: string | string[] | undefined): string[] {
  const lines = Array.isArray(header) ? header : [header ?? ''];
  return lines.flatMap((line) =>
    [...line.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
      (match[1] ?? '').replace(/\\(.)/g, '$1'),
    ),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
