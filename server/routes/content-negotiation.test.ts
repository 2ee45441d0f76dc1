import { expect } from 'chai';
import { negotiateDiscovery, negotiateForm } from './content-negotiation.js';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('negotiateForm', () => {
  const cases = [
    { name: 'nothing said', given: undefined, want: 'object' },
    { name: 'anything', given: '*/*', want: 'object' },
    {
      name: 'kubectl get',
      given: `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
      want: 'table',
    },
    {
      name: 'an old table alone before JSON',
      given: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json',
      want: 'object',
    },
    {
      name: 'protobuf first',
      given: 'application/vnd.kubernetes.protobuf,application/json',
      want: 'object',
    },
    {
      name: 'metadata',
      given: 'application/json; as=PartialObjectMetadata; v=v1; g=meta.k8s.io',
      want: 'metadata',
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => expect(negotiateForm(given)).to.equal(want));
  }

  it('refuses what it cannot give', () => {
    expect(() => negotiateForm('application/vnd.kubernetes.protobuf')).to.throw(
      /application\/json/,
    );
  });
});

describe('negotiateDiscovery', () => {
  it('gives v2 to those who ask, plain to others', () => {
    const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    expect(negotiateDiscovery(`${v2},application/json`)).to.equal('v2');
    expect(negotiateDiscovery(`application/json,${v2}`)).to.equal(undefined);
    expect(negotiateDiscovery(undefined)).to.equal(undefined);
  });
});
