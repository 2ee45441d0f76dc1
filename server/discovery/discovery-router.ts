import type { Request, Response } from 'express';
import { Router } from 'express';
import { unknownPath } from '../api-errors.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { negotiateDiscovery, requireJson } from '../routes/content-negotiation.js';
import { sendError, sendJson } from '../routes/response.js';
import {
  aggregatedDiscovery,
  coreVersions,
  groupList,
  oneGroup,
  resourceList,
} from './api-groups.js';
import { contentHash } from './content-hash.js';
import { openApiV2Document } from './openapi-v2.js';
import type { OpenApiDocument } from './openapi-v3.js';
import { openApiV3Documents, openApiV3Index } from './openapi-v3.js';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/**
 * kubectl asks for this, and for nothing else, about a kind that OpenAPI v3 does not have. A
 * document without definitions lets it go on to say that there is no such kind.
 */
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** The document's field 1, `swagger: "2.0"`, in protobuf. */
const EMPTY_SWAGGER = '\n\u00032.0';

/** What the API is: groups, resources and schemas, in every form that Kubernetes' clients ask for. */
export function createDiscoveryRouter(options: {
  readonly registry: KindRegistry;
  readonly version: string;
}): Router {
  const { registry, version } = options;
  const router = Router();
  let documents: { kindCount: number; v2: string; v3: readonly OpenApiDocument[] } | undefined;

  /** Made when first asked for and again when a kind was added. */
  function openApi(): NonNullable<typeof documents> {
    const kindCount = registry.list().length;
    if (documents?.kindCount !== kindCount) {
      const v3 = openApiV3Documents(registry, version);
      documents = { kindCount, v2: openApiV2Document(registry, version), v3 };
    }
    return documents;
  }

  router.get('/api', (request, response) => {
    sendAggregatedOr(request, response, registry, 'core', coreVersions(registry));
  });
  router.get('/apis', (request, response) => {
    sendAggregatedOr(request, response, registry, 'groups', groupList(registry));
  });
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
  router.get('/openapi/v2', (request, response) => {
    response.setHeader('Vary', 'Accept');
    if (request.headers.accept?.includes(OPENAPI_V2_PROTOBUF)) {
      sendCacheable(request, response, EMPTY_SWAGGER, OPENAPI_V2_PROTOBUF.replace('@', '.'));
      return;
    }
    requireJson(request.headers.accept);
    sendCacheable(request, response, openApi().v2);
  });
  router.get('/openapi/v3', (request, response) => {
    sendCacheable(request, response, openApiV3Index(openApi().v3));
  });
  router.get('/openapi/v3/*key', (request, response) => {
    const key = (request.params.key as unknown as string[]).join('/');
    const document = openApi().v3.find((one) => one.key === key);
    if (document === undefined) sendError(request, response, unknownPath());
    else sendCacheable(request, response, document.json);
  });
  return router;
}

function sendAggregatedOr(
  request: Request,
  response: Response,
  registry: KindRegistry,
  root: 'core' | 'groups',
  plain: object,
): void {
  response.setHeader('Vary', 'Accept');
  if (negotiateDiscovery(request.headers.accept) === undefined) {
    sendJson(response, 200, JSON.stringify(plain));
    return;
  }
  const json = JSON.stringify(aggregatedDiscovery(registry, root));
  sendCacheable(request, response, json, AGGREGATED_TYPE);
}

function sendFound(request: Request, response: Response, body: object | undefined): void {
  if (body === undefined) sendError(request, response, unknownPath());
  else sendJson(response, 200, JSON.stringify(body));
}

function sendCacheable(
  request: Request,
  response: Response,
  json: string,
  contentType = 'application/json',
): void {
  const etag = `"${contentHash(json)}"`;
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.status(304).end();
    return;
  }
  sendJson(response, 200, json, contentType);
}
