import type { Request, Response } from 'express';
import { Router } from 'express';
import { methodNotAllowed, unknownPath } from '../api-errors.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { negotiateDiscovery, requireJson } from '../routes/content-negotiation.js';
import { send, sendError, sendJson } from '../routes/response.js';
import {
  aggregatedDiscovery,
  coreVersions,
  groupList,
  oneGroup,
  resourceList,
} from './api-groups.js';
import { cached } from './cached.js';
import { contentHash } from './content-hash.js';
import { OpenApiV2 } from './openapi-v2.js';
import { rootPaths } from './root-paths.js';
import type { OpenApiV3 } from './openapi-v3.js';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/** Older clients ask for OpenAPI v2 in this form only. */
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** What the API is: groups, resources and schemas, in every form that Kubernetes' clients ask for. */
export function createDiscoveryRouter(options: {
  readonly registry: KindRegistry;
  readonly openApiV3: OpenApiV3;
  readonly version: string;
}): Router {
  const { registry, openApiV3, version } = options;
  const router = Router({ caseSensitive: true });
  const documents = new OpenApiV2(registry, version);
  const core = cached(registry, () => discoveryTexts(registry, 'core'));
  const groups = cached(registry, () => discoveryTexts(registry, 'groups'));
  const openApiV2 = cached(registry, async () => cacheable(await documents.json()));
  const openApiV2Protobuf = cached(registry, async () => cacheable(await documents.protobuf()));
  const openApiIndex = cached(registry, () => cacheable(openApiV3.index()));

  router.get(['/', '/index.html'], (_request, response) => {
    sendJson(response, 200, JSON.stringify({ paths: rootPaths(registry) }));
  });
  router.get('/api', (request, response) => sendAggregatedOr(request, response, core()));
  router.get('/apis', (request, response) => sendAggregatedOr(request, response, groups()));
  router.get('/api/:version', (request, response) => {
    sendFound(request, response, resourceList(registry, '', request.params.version));
  });
  router.get('/apis/:group', (request, response) => {
    sendFound(request, response, oneGroup(registry, request.params.group));
  });
  router.get('/apis/:group/:version', (request, response) => {
    sendFound(
      request,
      response,
      resourceList(registry, request.params.group, request.params.version),
    );
  });
  router.get('/openapi/v2', async (request, response) => {
    response.setHeader('Vary', 'Accept');
    if (request.headers.accept?.includes(OPENAPI_V2_PROTOBUF)) {
      const type = OPENAPI_V2_PROTOBUF.replace('@', '.');
      sendCacheable(request, response, await openApiV2Protobuf(), type);
      return;
    }
    requireJson(request.headers.accept);
    sendCacheable(request, response, await openApiV2());
  });
  router.get('/openapi/v3', (request, response) => {
    sendCacheable(request, response, openApiIndex());
  });
  router.get('/openapi/v3/*key', (request, response) => {
    const key = (request.params.key as unknown as string[]).join('/');
    const document = openApiV3.document(key);
    if (document === undefined) sendError(request, response, unknownPath());
    else sendCacheable(request, response, cacheable(document));
  });
  // What is here is only read.
  router.all(
    ['/', '/index.html', '/api', '/apis', '/api/:version', '/apis/:group', '/openapi/*key'],
    notAllowed,
  );
  router.all('/apis/:group/:version', notAllowed);
  return router;
}

function notAllowed(request: Request, response: Response): void {
  sendError(request, response, methodNotAllowed());
}

interface DiscoveryTexts {
  readonly plain: string;
  readonly aggregated: Cacheable;
}

function discoveryTexts(registry: KindRegistry, root: 'core' | 'groups'): DiscoveryTexts {
  return {
    plain: JSON.stringify(root === 'core' ? coreVersions(registry) : groupList(registry)),
    aggregated: cacheable(aggregatedDiscovery(registry, root)),
  };
}

function sendAggregatedOr(
  request: Request,
  response: Response,
  { plain, aggregated }: DiscoveryTexts,
): void {
  response.setHeader('Vary', 'Accept');
  if (negotiateDiscovery(request.headers.accept) === undefined) sendJson(response, 200, plain);
  else sendCacheable(request, response, aggregated, AGGREGATED_TYPE);
}

function sendFound(request: Request, response: Response, body: object | undefined): void {
  if (body === undefined) sendError(request, response, unknownPath());
  else sendJson(response, 200, JSON.stringify(body));
}

interface Cacheable {
  readonly content: string | Buffer;
  readonly etag: string;
}

function cacheable(content: string | Buffer): Cacheable {
  return { content, etag: `"${contentHash(content)}"` };
}

function sendCacheable(
  request: Request,
  response: Response,
  { content, etag }: Cacheable,
  contentType = 'application/json',
): void {
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.status(304).end();
    return;
  }
  send(response, 200, content, contentType);
}
