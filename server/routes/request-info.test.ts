import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { parseResourcePath } from './request-info.js';

describe('parseResourcePath', () => {
  const registry = new KindRegistry(kinds);
  const workload = '/apis/workload.threeport.io/v1alpha1';
  const cases = [
    { name: 'core collection', given: '/api/v1/namespaces', want: ['Namespace', '', '', ''] },
    { name: 'core object', given: '/api/v1/namespaces/a', want: ['Namespace', '', 'a', ''] },
    {
      name: 'its status',
      given: '/api/v1/namespaces/a/status',
      want: ['Namespace', '', 'a', 'status'],
    },
    { name: 'within', given: '/api/v1/namespaces/a/secrets/b', want: ['Secret', 'a', 'b', ''] },
    { name: 'all namespaces', given: `${workload}/workloads`, want: ['Workload', '', '', ''] },
    {
      name: 'subresource',
      given: `${workload}/namespaces/a/workloads/b/status`,
      want: ['Workload', 'a', 'b', 'status'],
    },
    {
      name: 'deeper',
      given: '/api/v1/namespaces/a/secrets/b/proxy/x',
      want: ['Secret', 'a', 'b', 'proxy/x'],
    },
    {
      name: 'encoded',
      given: '/api/v1/namespaces/a/secrets/b%3Ac',
      want: ['Secret', 'a', 'b:c', ''],
    },
    { name: 'slash at the end', given: '/api/v1/namespaces/', want: ['Namespace', '', '', ''] },
    {
      name: 'cluster-scoped within',
      given: '/apis/kubernetes.threeport.io/v1alpha1/namespaces/a/kubernetesruntimeinstances',
      want: undefined,
    },
    { name: 'object without namespace', given: `${workload}/workloads/b`, want: undefined },
    {
      name: 'watch of a collection',
      given: '/api/v1/watch/namespaces/a/secrets',
      want: ['Secret', 'a', '', ''],
      isWatch: true,
    },
    {
      name: 'watch of an object',
      given: '/api/v1/watch/namespaces/a',
      want: ['Namespace', '', 'a', ''],
      isWatch: true,
    },
    {
      name: 'watch of a subresource',
      given: '/api/v1/watch/namespaces/a/status',
      want: undefined,
    },
    { name: 'watch of nothing', given: '/api/v1/watch', want: undefined },
    { name: 'unknown', given: '/api/v1/pods', want: undefined },
    { name: 'inherited', given: '/api/v1/constructor', want: undefined },
  ];
  for (const { name, given, want, isWatch } of cases) {
    it(name, () => {
      const found = parseResourcePath(registry, given);
      expect(found?.isWatch).to.equal(isWatch);
      expect(
        found && [found.kind.kind, found.namespace, found.name, found.subresource],
      ).to.deep.equal(want);
    });
  }

  it('refuses broken encoding', () => {
    expect(() => parseResourcePath(registry, '/api/v1/namespaces/a/secrets/%E0')).to.throw(
      /percent-encoding/,
    );
  });
});
