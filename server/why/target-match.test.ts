import { expect } from 'chai';
import { isOfKind } from './target-match.js';

describe('kind of a target', () => {
  for (const [target, word, want] of [
    ['v1 ConfigMap default/web', 'configmap', true],
    ['v1 ConfigMap default/web', 'ConfigMaps', true],
    ['v1 ConfigMap default/web', 'cm', true],
    ['v1 ConfigMap default/web', 'configmaps.apps', false],
    ['apps/v1 Deployment default/web', 'deploy', true],
    ['apps/v1 Deployment default/web', 'deployments.apps', true],
    ['apps/v1 Deployment default/web', 'deployments.example.com', false],
    ['apps/v1 Deployment default/web', 'configmap', false],
    ['networking.k8s.io/v1 Ingress default/web', 'ingresses', true],
    ['networking.k8s.io/v1 NetworkPolicy default/web', 'networkpolicies.networking.k8s.io', true],
    ['v1 Endpoints default/web', 'ep', true],
    ['v1 Namespace web', 'constructor', false],
  ] as const) {
    it(`"${word}" ${want ? 'names' : 'does not name'} ${target}`, () => {
      expect(isOfKind(target, word)).to.equal(want);
    });
  }
});
