import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { verbsOf } from '../discovery/api-groups.js';
import type { RequestUser } from '../request-user.js';
import type { AccessVerb, Authorizer } from './authorizer.js';
import { DISCOVERY_PATHS } from './authorizer.js';

/** How Kubernetes says that somebody may do all there is. */
const EVERYTHING = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/**
 * What a user may do in a namespace, by asking about every kind: the status of a
 * SelfSubjectRulesReview. What they may do to single objects only is left out: hence `incomplete`.
 */
export async function rulesOf(
  options: { readonly registry: KindRegistry; readonly authorizer: Authorizer },
  user: RequestUser,
  namespace: string,
): Promise<object> {
  const { registry, authorizer } = options;
  const place = { user, subresource: '', name: '' };
  const isOmnipotent = await authorizer.isAllowed({
    ...place,
    verb: '*' as AccessVerb,
    path: '',
    namespace: '',
  });
  if (isOmnipotent) {
    const nonResourceRules = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
    return { incomplete: false, resourceRules: [EVERYTHING], nonResourceRules };
  }
  const resourceRules: object[] = [];
  for (const kind of registry.served()) {
    const verbs: string[] = [];
    for (const verb of verbsOf(kind)) {
      const scope = kind.namespaced ? namespace : '';
      if (await authorizer.isAllowed({ ...place, verb, path: '', kind, namespace: scope })) {
        verbs.push(verb);
      }
    }
    if (verbs.length > 0) resourceRules.push(ruleFor(kind, verbs));
  }
  const urls = DISCOVERY_PATHS.flatMap((path) => [path, `${path}/*`]);
  const nonResourceRules = [{ verbs: ['get'], nonResourceURLs: urls }];
  return { incomplete: true, resourceRules, nonResourceRules };
}

function ruleFor({ group, plural }: KindDefinition, verbs: readonly string[]): object {
  return { verbs, apiGroups: [group], resources: [plural] };
}
