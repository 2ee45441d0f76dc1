import type { KindRegistry } from '../../sdk/api/registry.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ObjectStore } from '../store/object-store.js';
import type { AccessRequest, Authorizer } from './authorizer.js';
import { createGroupAuthorizer } from './authorizer.js';

const AGENTS = 'threeport:agents';
const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const READABLE_BY_AGENTS: ReadonlySet<string> = new Set([
  'workloadinstances.workload.threeport.io',
  'workloadreports.workload.threeport.io',
  RUNTIMES,
]);
const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/**
 * Who may do what on Threeport's own API: administrators and reconcilers everything; an agent reads
 * the instances it reports on, the runtimes, and the one Secret that a runtime names, and reports.
 */
export function createControlPlaneAuthorizer(options: {
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'referrersOf'>;
}): Authorizer {
  const { registry, store } = options;
  const base = createGroupAuthorizer(['system:masters', 'threeport:reconcilers']);

  async function isAllowedToAgent(request: AccessRequest): Promise<boolean> {
    const { kind, verb, path, subresource } = request;
    if (kind === undefined) return verb === 'post' && path === '/threeport/v1/report';
    if (subresource !== '') return false;
    const resource = resourceName(kind);
    if (READABLE_BY_AGENTS.has(resource)) return READ_VERBS.has(verb);
    if (resource !== 'secrets' || verb !== 'get' || request.name === '') return false;
    const secrets = registry.findResource('secrets');
    if (secrets === undefined) return false;
    const referrers = await store.referrersOf(secrets, request);
    return referrers.some((referrer) => referrer.resource === RUNTIMES);
  }

  return {
    async isAllowed(request) {
      if (await base.isAllowed(request)) return true;
      return request.user.groups.includes(AGENTS) && (await isAllowedToAgent(request));
    },
  };
}
