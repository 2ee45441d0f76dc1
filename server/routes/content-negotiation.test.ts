import { expect } from 'chai';
import { negotiateDiscovery, negotiateForm } from './content-negotiation.js';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('negotiateForm', () => {
  const cases = [
    { name: 'nothing said', given: undefined, want: { type: 'object' } },
    { name: 'anything', given: '*/*', want: { type: 'object' } },
    {
      name: 'kubectl get',
      given: `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
      want: { type: 'table', version: 'meta.k8s.io/v1' },
    },
    {
      name: 'pykube: the table of before v1',
      given: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
      want: { type: 'table', version: 'meta.k8s.io/v1beta1' },
    },
    {
      name: 'a table of a version that never was, then JSON',
      given: 'application/json;as=Table;v=v2;g=meta.k8s.io, application/json',
      want: { type: 'object' },
    },
    {
      name: 'protobuf first',
      given: 'application/vnd.kubernetes.protobuf,application/json',
      want: { type: 'object' },
    },
    {
      name: 'metadata',
      given: 'application/json; as=PartialObjectMetadata; v=v1; g=meta.k8s.io',
      want: { type: 'metadata', version: 'meta.k8s.io/v1' },
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => expect(negotiateForm(given)).to.deep.equal(want));
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
