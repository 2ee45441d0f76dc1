import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExtraRoute } from '../api-server.js';
import { isStored, resourceName } from '../../sdk/api/kind.js';
import { badRequest, methodNotAllowed } from '../api-errors.js';
import type { ResourceTarget } from '../routes/request-info.js';
import { parseResourcePath } from '../routes/request-info.js';
import { sendJson } from '../routes/response.js';
import { isStorableText } from '../schema/storable-text.js';
import type { OutsideTarget } from './effect-why.js';
import { whyOutside } from './effect-why.js';
import { whyOf } from './object-why.js';
import type { WhyOptions, WhySources } from './why-collection.js';

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const SUBRESOURCE = 'why';
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/**
 * `GET <object>/why[?limit=&since=]`: see sdk/api/why.ts. Of a KubernetesRuntimeInstance, with
 * `?kind=&namespace=&name=`, who did what to that in its cluster. Allowed by `get` on `<resource>/why`; it tells
 * of other objects too, namely names, times and paths of fields, and of no object its content.
 */
export function createWhyRoute(sources: WhySources): ExtraRoute {
  return {
    path: '/',
    handler: async (request: IncomingMessage, response: ServerResponse, next: () => void) => {
      const [path = '', query = ''] = (request.url ?? '').split('?', 2);
      if (!path.endsWith(`/${SUBRESOURCE}`)) return next();
      const target = parseResourcePath(sources.registry, path);
      if (target?.subresource !== SUBRESOURCE || !isStored(target.kind)) return next();
      if (request.method !== 'GET') throw methodNotAllowed();
      const asked = new URLSearchParams(query);
      const outside = outsideOf(target, asked);
      const options = optionsOf(asked);
      const why =
        outside === undefined
          ? await whyOf(sources, target, options)
          : await whyOutside(sources, outside, options);
      sendJson(response, 200, JSON.stringify(why));
    },
  };
}

/** What in the cluster of a runtime is asked about; undefined for the runtime itself. */
function outsideOf(
  { kind, name: place }: ResourceTarget,
  query: URLSearchParams,
): OutsideTarget | undefined {
  const [name, outsideKind] = [query.get('name') ?? '', query.get('kind') ?? ''];
  if (resourceName(kind) !== RUNTIMES || (name === '' && outsideKind === '')) return undefined;
  if (name === '' || outsideKind === '') throw badRequest('kind and name: want both, or neither');
  const namespace = query.get('namespace') ?? '';
  if (!isStorableText(name + namespace)) throw badRequest('nothing has such a name');
  return { runtime: kind, place, kind: outsideKind, namespace, name };
}

function optionsOf(query: URLSearchParams): WhyOptions {
  const limit = query.get('limit') ?? String(DEFAULT_LIMIT);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) {
    throw badRequest(`limit: want a whole number from 1 to ${MAX_LIMIT}`);
  }
  const since = query.get('since') ?? '';
  const sinceMs = since === '' ? 0 : Date.parse(since);
  if (Number.isNaN(sinceMs)) throw badRequest('since: want a time as of RFC 3339');
  return { limit: Number(limit), sinceMs };
}
