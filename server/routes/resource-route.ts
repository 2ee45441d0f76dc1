import type { IncomingMessage, ServerResponse } from 'node:http';
import { isApiError } from '../../sdk/api/errors.js';
import type { AccessVerb } from '../auth/authorizer.js';
import type { ReviewOptions } from '../auth/reviews.js';
import {
  badRequest,
  invalidObject,
  methodNotAllowed,
  notMadeHere,
  requiredValue,
} from '../api-errors.js';
import type { RequestUser } from '../request-user.js';
import type { ResourceService } from '../resource-service.js';
import { incomingObject } from '../resource/incoming-object.js';
import { asStored, patchAsStored } from '../resource/kind-view.js';
import type { PatchBody, WritableSubresource, WriteOptions } from '../resource/write-request.js';
import type { TableCells } from '../table/table.js';
import { negotiateForm, negotiateStream, YAML_TYPE } from './content-negotiation.js';
import { continueExpired } from './continue-token.js';
import type { DecodedBody } from './decode-body.js';
import { decodeBody, mediaTypeOf } from './decode-body.js';
import { formatFor } from './object-format.js';
import { PROTOBUF_TYPE } from './protobuf-body.js';
import { readBody } from './read-body.js';
import type { ResourceTarget } from './request-info.js';
import { listRequest } from './list-options.js';
import {
  deleteOptions,
  isSet,
  resourceVersion,
  selection,
  writeOptions,
} from './request-options.js';
import { sendJson, setWarnings } from './response.js';
import { answerReviewCall } from './review-call.js';
import { sendList, sendWritten } from './send-objects.js';
import type { WatchRoute } from './watch-route.js';

const OBJECT_TYPES = ['application/json', YAML_TYPE, PROTOBUF_TYPE] as const;
const PATCH_TYPES: Readonly<Record<string, PatchBody['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** A request for an object or a collection, authenticated and allowed. */
export interface ResourceCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: ResourceTarget;
  readonly query: URLSearchParams;
  readonly verb: AccessVerb;
  readonly user: RequestUser;
}

/**
 * What a request wants to do, by its method and what its path names.
 *
 * @throws ApiError MethodNotAllowed.
 */
export function verbOf(method: string, target: ResourceTarget, query: URLSearchParams): AccessVerb {
  const isCollection = target.name === '';
  if (target.kind.isReview === true && method !== 'POST') throw methodNotAllowed();
  if (target.kind.hasNoObjects === true && method !== 'GET' && method !== 'HEAD') {
    throw notMadeHere(target.kind);
  }
  if (target.subresource === 'finalize' && method !== 'PUT') throw methodNotAllowed();
  if (target.isWatch) {
    if (method !== 'GET') throw methodNotAllowed();
    return 'watch';
  }
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (!isCollection) return 'get';
      return isSet(query, 'watch') ? 'watch' : 'list';
    case 'POST':
      if (target.subresource !== '') return 'create';
      if (isCollection && (target.namespace !== '' || !target.kind.namespaced)) return 'create';
      break;
    case 'PUT':
      if (!isCollection) return 'update';
      break;
    case 'PATCH':
      if (!isCollection) return 'patch';
      break;
    case 'DELETE':
      if (!isCollection) return 'delete';
      if (target.namespace !== '' || !target.kind.namespaced) return 'deletecollection';
      break;
  }
  throw methodNotAllowed();
}

/** True when this server itself answers for the subresource. */
export function servesSubresource({ kind, subresource, name }: ResourceTarget): boolean {
  if (subresource === '') return true;
  if (name === '') return false;
  return (
    (subresource === 'status' && kind.status) ||
    (subresource === 'scale' && kind.scale !== undefined) ||
    (subresource === 'finalize' && kind.group === '' && kind.kind === 'Namespace')
  );
}

/** The one handler for the objects of every kind. Ends by writing bytes, or throws ApiError. */
export class ResourceRoute {
  readonly #service: ResourceService;
  readonly #watches: WatchRoute;
  readonly #maxBodyBytes: number;
  readonly #reviews: ReviewOptions;
  readonly #cells: TableCells | undefined;

  constructor(options: {
    service: ResourceService;
    watches: WatchRoute;
    reviews: ReviewOptions;
    maxBodyBytes: number;
    cells?: TableCells;
  }) {
    this.#service = options.service;
    this.#watches = options.watches;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#reviews = options.reviews;
    this.#cells = options.cells;
  }

  async serve(call: ResourceCall): Promise<void> {
    const { deprecationWarning } = call.target.kind;
    if (deprecationWarning !== undefined) setWarnings(call.response, [deprecationWarning]);
    // Whoever cannot be answered has nothing done for them.
    negotiateForm(call.request.headers.accept);
    switch (call.verb) {
      case 'get':
        return this.#get(call);
      case 'list':
        return this.#list(call);
      case 'watch':
        return this.#watch(call);
      case 'create':
        return this.#create(call);
      case 'update':
        return this.#update(call);
      case 'patch':
        return this.#patch(call);
      case 'delete':
        return this.#delete(call);
      case 'deletecollection':
        return this.#deleteCollection(call);
      default:
        throw methodNotAllowed();
    }
  }

  async #get({ request, response, target, query }: ResourceCall): Promise<void> {
    const form = negotiateForm(request.headers.accept);
    // What is read is the newest, which any version allows that is not yet to come.
    const atLeast = resourceVersion(query) ?? 0;
    if (target.subresource === 'scale') {
      sendJson(response, 200, await this.#service.getScale(target));
      return;
    }
    const stored = await this.#service.get(target, atLeast);
    const format = formatFor(form, target, query, this.#cells);
    sendJson(response, 200, format.render(target.kind, stored));
  }

  async #list(call: ResourceCall): Promise<void> {
    const { target, query } = call;
    const selected = selection(target, query);
    const { page, version, position } = listRequest(query);
    try {
      const list = await this.#service.list(target.kind, { ...selected, ...page }, version);
      sendList(call, list, this.#cells);
    } catch (error) {
      if (position === undefined || !isApiError(error, 'Expired')) throw error;
      throw continueExpired(position, error);
    }
  }

  async #watch({ request, response, target, query }: ResourceCall): Promise<void> {
    const format = formatFor(negotiateStream(request.headers.accept), target, query, this.#cells);
    const filter = selection(target, query);
    await this.#watches.serve(response, query, { filter, format });
  }

  async #create(call: ResourceCall): Promise<void> {
    const { target } = call;
    if (target.subresource !== '') throw methodNotAllowed();
    const body = await this.#body(call);
    const options = optionsOf(call, body);
    if (target.kind.isReview === true) {
      return answerReviewCall(this.#service, this.#reviews, call, body.value, options);
    }
    const result = await this.#service.create(target, objectOf(target, body), options);
    sendWritten(call, result, this.#cells);
  }

  async #update(call: ResourceCall): Promise<void> {
    const { target, response } = call;
    const body = await this.#body(call);
    const options = optionsOf(call, body);
    if (target.subresource === 'scale') {
      const change = { type: 'replace', body: body.value } as const;
      sendJson(response, 200, await this.#service.changeScale(target, change, options));
      return;
    }
    const subresource = writableOf(target);
    const object = objectOf(target, body);
    const result = await this.#service.update(target, subresource, object, options);
    sendWritten(call, result, this.#cells);
  }

  async #patch(call: ResourceCall): Promise<void> {
    const { request, response, target, query } = call;
    const type = PATCH_TYPES[mediaTypeOf(request.headers['content-type'])];
    const body = await this.#body(call, Object.keys(PATCH_TYPES));
    if (type === undefined) throw new Error('decoded a patch of unknown type');
    const options = optionsOf(call, body);
    const force = isSet(query, 'force');
    assertPatchOptions(type, query, force);
    const given: PatchBody =
      type === 'apply' ? { type, body: body.value, force } : { type, body: body.value };
    const patch = target.view ? patchAsStored(target.view, target.kind, given) : given;
    if (target.subresource === 'scale') {
      sendJson(response, 200, await this.#service.changeScale(target, patch, options));
      return;
    }
    const subresource = writableOf(target);
    const result = await this.#service.patch(target, subresource, patch, options);
    sendWritten(call, result, this.#cells);
  }

  async #delete(call: ResourceCall): Promise<void> {
    const { response, target, query, user } = call;
    if (target.subresource !== '') throw methodNotAllowed();
    const options = deleteOptions(query, await this.#optionalBody(call), user);
    const { object, gone } = await this.#service.delete(target, options);
    if (!gone) {
      sendJson(response, 200, object.json);
      return;
    }
    const { kind } = target;
    const details = { name: object.name, group: kind.group, kind: kind.plural, uid: object.uid };
    sendJson(
      response,
      200,
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details,
      }),
    );
  }

  async #deleteCollection(call: ResourceCall): Promise<void> {
    const { target, query, user } = call;
    const options = deleteOptions(query, await this.#optionalBody(call), user);
    const { page } = listRequest(query);
    const selected = { ...selection(target, query), ...page };
    const list = await this.#service.deleteCollection(target.kind, selected, options);
    sendList(call, list, this.#cells);
  }

  async #body(
    { request }: ResourceCall,
    accepted: readonly string[] = OBJECT_TYPES,
  ): Promise<DecodedBody> {
    const type = mediaTypeOf(request.headers['content-type']);
    // Refuses a type that nobody reads before reading it.
    if (!accepted.includes(type)) return decodeBody(Buffer.alloc(0), type, accepted);
    const body = await readBody(request, this.#maxBodyBytes);
    if (body.length === 0) throw badRequest('the request has no body');
    return decodeBody(body, type, accepted);
  }

  async #optionalBody({ request }: ResourceCall): Promise<unknown> {
    const body = await readBody(request, this.#maxBodyBytes);
    if (body.length === 0) return undefined;
    return decodeBody(body, mediaTypeOf(request.headers['content-type']), OBJECT_TYPES).value;
  }
}

function writableOf({ subresource }: ResourceTarget): WritableSubresource {
  return subresource === 'status' || subresource === 'finalize' ? subresource : '';
}

/** The object of a body, in the form in which it is stored. */
function objectOf(target: ResourceTarget, { value }: DecodedBody): unknown {
  const { view, kind, namespace, name } = target;
  if (view === undefined) return value;
  return asStored(view, kind, incomingObject(view, namespace, name, value));
}

function optionsOf({ query, request, user }: ResourceCall, body: DecodedBody): WriteOptions {
  return writeOptions(query, {
    user,
    userAgent: request.headers['user-agent'],
    duplicates: body.duplicates,
  });
}

function assertPatchOptions(type: PatchBody['type'], query: URLSearchParams, force: boolean): void {
  const options = { group: 'meta.k8s.io', kind: 'PatchOptions' };
  if (type === 'apply' && (query.get('fieldManager') ?? '') === '') {
    throw invalidObject(options, '', [
      requiredValue('fieldManager', 'is required for apply patch'),
    ]);
  }
  if (type !== 'apply' && force) {
    throw invalidObject(options, '', [
      {
        reason: 'FieldValueForbidden',
        field: 'force',
        message: 'Forbidden: may not be specified for non-apply patch',
      },
    ]);
  }
}
