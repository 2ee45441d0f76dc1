import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExtraRoute } from '../api-server.js';
import { isStored } from '../../sdk/api/kind.js';
import { badRequest, methodNotAllowed } from '../api-errors.js';
import { parseResourcePath } from '../routes/request-info.js';
import { sendJson } from '../routes/response.js';
import { whyOf } from './object-why.js';
import type { WhyOptions, WhySources } from './why-collection.js';

const SUBRESOURCE = 'why';
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/**
 * `GET <object>/why[?limit=&since=]`: see sdk/api/why.ts. Allowed by `get` on `<resource>/why`; it tells
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
      const why = await whyOf(sources, target, optionsOf(new URLSearchParams(query)));
      sendJson(response, 200, JSON.stringify(why));
    },
  };
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
