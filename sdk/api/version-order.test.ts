import { expect } from 'chai';
import { compareVersions } from './version-order.js';

describe('the order of versions', () => {
  it('is that of the documentation of Kubernetes', () => {
    const wanted = [
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v10beta3',
      'v3beta1',
      'v12alpha1',
      'v11alpha2',
      'foo1',
      'foo10',
    ];
    expect(wanted.toReversed().sort(compareVersions)).to.deep.equal(wanted);
  });

  it('takes numbers as numbers', () => {
    expect(['v1alpha2', 'v1alpha10', 'v9', 'v10'].sort(compareVersions)).to.deep.equal([
      'v10',
      'v9',
      'v1alpha10',
      'v1alpha2',
    ]);
  });
});
