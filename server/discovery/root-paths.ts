import type { KindRegistry } from '../../sdk/api/registry.js';
import { groupsOf, versionsOf } from './api-groups.js';

const OTHERS: readonly string[] = [
  '/docs',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

/** `GET /`: what can be asked for, in order, as a kube-apiserver lists it. */
export function rootPaths(registry: KindRegistry): readonly string[] {
  const core = versionsOf(registry, '').map((version) => `/api/${version}`);
  const groups = groupsOf(registry).flatMap((group) => [
    `/apis/${group}`,
    ...versionsOf(registry, group).map((version) => `/apis/${group}/${version}`),
  ]);
  return ['/api', ...core, '/apis', ...groups, ...OTHERS].toSorted();
}
