import { canonicalJson } from '../../server/apply/canonical-json.js';
import { LAST_APPLIED_ANNOTATION } from '../../server/apply/last-applied.js';
import type { KubeRequest } from '../../sdk/kube/kube-transport.js';
import { gadgetApiVersion, gadgetsPath, type GadgetVersion } from './gadgets.js';

type Fields = Record<string, unknown>;

export type GadgetVerb =
  | 'create'
  | 'delete'
  /** Server-side apply, without and with force. */
  | 'apply'
  | 'force'
  | 'put'
  /** Reads, changes and puts back: everything is there, the owners too. */
  | 'edit'
  | 'merge'
  | 'json'
  /** What client-side kubectl apply sends, near enough. */
  | 'client-apply'
  | 'put status'
  | 'merge status'
  | 'apply status'
  | 'force status';

/** One request of a sequence that is sent to two APIs. */
export interface GadgetStep {
  readonly verb: GadgetVerb;
  readonly version: GadgetVersion;
  /** Undefined: the request names none. */
  readonly manager: string | undefined;
  /** `metadata`, `spec` and `status` as far as the request says them, or a list of operations. */
  readonly body: unknown;
}

/** The request of a step to the object of this name; `live` is what the API has of it. */
export function requestOf(step: GadgetStep, name: string, live: Fields | undefined): KubeRequest {
  const [verb, subresource] = step.verb.split(' ');
  const query = new URLSearchParams();
  if (step.manager !== undefined) query.set('fieldManager', step.manager);
  if (verb === 'force') query.set('force', 'true');
  const place = subresource === undefined ? name : `${name}/${subresource}`;
  const path = `${gadgetsPath(step.version)}/${place}?${query}`;
  const identity = { apiVersion: gadgetApiVersion(step.version), kind: 'Gadget' };
  const given = (): Fields => ({ ...identity, ...gadget(name, step.body as Fields) });
  const known = { ...(live ?? gadget(name, {})), ...identity };
  switch (verb) {
    case 'create':
      return { method: 'POST', path: `${gadgetsPath(step.version)}?${query}`, body: given() };
    case 'delete':
      return { method: 'DELETE', path };
    case 'put':
      return { method: 'PUT', path, body: replacement(given(), known, subresource) };
    case 'edit':
      return { method: 'PUT', path, body: edited(given(), known) };
    case 'merge':
      return patch('merge-patch+json', path, step.body);
    case 'client-apply':
      return patch('merge-patch+json', path, withLastApplied(given()));
    case 'json':
      return patch('json-patch+json', path, step.body);
    default:
      return patch('apply-patch+yaml', path, given());
  }
}

function patch(type: string, path: string, body: unknown): KubeRequest {
  return { method: 'PATCH', path, body, contentType: `application/${type}` };
}

function gadget(name: string, { metadata, ...rest }: Fields): Fields {
  return {
    metadata: { name, namespace: 'default', ...(metadata as Fields) },
    ...rest,
  };
}

/**
 * A PUT names the version that it replaces, and repeats what it cannot write: v1.20 takes what is not
 * repeated from its owners, although it stays.
 */
function replacement(given: Fields, live: Fields, subresource: string | undefined): Fields {
  if (subresource === 'status') return { ...live, status: given['status'] };
  const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } = live[
    'metadata'
  ] as Fields;
  const metadata = {
    ...(given['metadata'] as Fields),
    resourceVersion,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  };
  return { ...given, metadata, ...('status' in live && { status: live['status'] }) };
}

function edited(given: Fields, live: Fields): Fields {
  return {
    ...live,
    metadata: { ...(live['metadata'] as Fields), ...(given['metadata'] as Fields) },
    spec: { ...(live['spec'] as Fields), ...(given['spec'] as Fields) },
  };
}

function withLastApplied(given: Fields): Fields {
  const metadata = given['metadata'] as Fields;
  const annotations = {
    ...(metadata['annotations'] as Fields),
    [LAST_APPLIED_ANNOTATION]: `${canonicalJson(given)}\n`,
  };
  return { ...given, metadata: { ...metadata, annotations } };
}
