import type { Response } from 'express';
import { Router } from 'express';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { cached } from '../discovery/cached.js';
import type { OpenApiV3 } from '../discovery/openapi-v3.js';
import { send } from '../routes/response.js';
import { kindsOfDocument } from './explorer-model.js';
import { indexPage, kindPage, missingPage, STYLE_PATH } from './explorer-pages.js';
import { EXPLORER_STYLE } from './explorer-style.js';
import type { Html } from './html.js';

/** Nothing but the page's own stylesheet is loaded, and nothing runs. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `/docs`: the API for people, made of the OpenAPI documents: groups and kinds, and for each kind its
 * paths, verbs and fields. Plain HTML without scripts. Whoever may read discovery may read it, in a
 * browser through `kubectl proxy`.
 */
export function createExplorerRouter(options: {
  readonly registry: Pick<KindRegistry, 'revision'>;
  readonly openApiV3: OpenApiV3;
  readonly version: string;
}): Router {
  const { registry, openApiV3, version } = options;
  const index = cached(registry, () =>
    indexPage(openApiV3.documents().flatMap(kindsOfDocument), version),
  );
  const router = Router({ caseSensitive: true });

  router.get(STYLE_PATH, (_request, response) => {
    protect(response);
    send(response, 200, EXPLORER_STYLE, 'text/css; charset=utf-8');
  });
  router.get('/docs', (_request, response) => {
    sendPage(response, 200, index());
  });
  router.get('/docs/:group/:version/:kind', (request, response) => {
    const { group, version: wanted, kind: name } = request.params;
    const key = group === 'core' ? `api/${wanted}` : `apis/${group}/${wanted}`;
    const json = openApiV3.document(key);
    const kinds = json === undefined ? [] : kindsOfDocument({ json });
    const kind = kinds.find((one) => one.kind === name);
    if (kind === undefined) sendPage(response, 404, missingPage());
    else sendPage(response, 200, kindPage(kind));
  });
  return router;
}

function sendPage(response: Response, statusCode: number, { text }: Html): void {
  protect(response);
  send(response, statusCode, text, 'text/html; charset=utf-8');
}

function protect(response: Response): void {
  response.set({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
}
