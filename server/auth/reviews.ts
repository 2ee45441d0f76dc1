import type { KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { FieldError } from '../api-errors.js';
import { badRequest, invalidObject, invalidValue } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';
import { valueAt } from '../schema/field-path.js';
import { rulesOf } from './access-rules.js';
import type { Authenticator } from './authenticator.js';
import type { AccessRequest, AccessVerb, Authorizer } from './authorizer.js';

export interface ReviewOptions {
  readonly registry: KindRegistry;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

/** A question to the server about access: an object of a review kind, checked by its schema. */
export interface Review {
  readonly kind: KindDefinition;
  /** Only of a LocalSubjectAccessReview. */
  readonly namespace: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Who asks. */
  readonly user: RequestUser;
}

/**
 * The status of a review, as the server's own authenticator and authorizer decide: what it says is
 * what a request would meet.
 *
 * @throws ApiError Invalid or BadRequest for a question that makes no sense.
 */
export async function answerReview(options: ReviewOptions, review: Review): Promise<object> {
  const { user, spec } = review;
  switch (review.kind.kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(user) };
    case 'TokenReview':
      return reviewToken(options, spec['token']);
    case 'SelfSubjectRulesReview':
      return rulesOf(options, user, String(spec['namespace'] ?? ''));
    case 'SelfSubjectAccessReview':
      return reviewAccess(options, review, user);
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return reviewAccess(options, review, subjectOf(review));
    default:
      throw new Error(`nobody answers ${review.kind.kind}`);
  }
}

function userInfo({ name, groups }: RequestUser): object {
  return { username: name, groups };
}

function reviewToken({ authenticator }: ReviewOptions, token: unknown): object {
  if (typeof token !== 'string' || token === '') {
    throw badRequest('token is required for TokenReview in authentication');
  }
  const user = authenticator.authenticate({ authorization: `Bearer ${token}` });
  return user === undefined
    ? { authenticated: false }
    : { authenticated: true, user: userInfo(user) };
}

function subjectOf({ kind, spec }: Review): RequestUser {
  const name = spec['user'] ?? '';
  const groups = (spec['groups'] ?? []) as readonly string[];
  if (name === '' && groups.length === 0) {
    throw invalidObject(kind, '', [
      invalidValue('spec.user', '', 'at least one of user or group must be specified'),
    ]);
  }
  return { name: String(name), groups };
}

async function reviewAccess(
  { registry, authorizer }: ReviewOptions,
  review: Review,
  user: RequestUser,
): Promise<object> {
  const access = accessOf(registry, review, user);
  return { allowed: await authorizer.isAllowed(access) };
}

function accessOf(registry: KindRegistry, review: Review, user: RequestUser): AccessRequest {
  const { resourceAttributes: resource, nonResourceAttributes: path } = review.spec;
  if (isJsonObject(resource) === isJsonObject(path)) {
    throw invalidObject(review.kind, '', [
      invalidValue(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ]);
  }
  const text = (name: string): string => {
    const value = valueAt(resource ?? path, name);
    return typeof value === 'string' ? value : '';
  };
  const verb = text('verb') as AccessVerb;
  if (isJsonObject(path)) {
    return { user, verb, path: text('path'), subresource: '', namespace: '', name: '' };
  }
  const faults = checkNamespace(review, text('namespace'));
  if (faults.length > 0) throw invalidObject(review.kind, '', faults);
  const kind = registry
    .served()
    .find(({ group, plural }) => group === text('group') && plural === text('resource'));
  return {
    user,
    verb,
    // No path leads to a resource that is not there: only who may do everything may do this.
    path: '',
    ...(kind !== undefined && { kind }),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}

function checkNamespace({ kind, namespace }: Review, asked: string): FieldError[] {
  if (!kind.namespaced || asked === namespace) return [];
  const detail = `must match metadata.namespace: ${namespace}`;
  return [invalidValue('spec.resourceAttributes.namespace', asked, detail)];
}
