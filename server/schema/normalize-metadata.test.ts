import { expect } from 'chai';
import { normalizeMetadata } from './normalize-metadata.js';

describe('normalizeMetadata', () => {
  it('drops what says nothing and keeps the rest, what is checked as it was given', () => {
    const metadata: Record<string, unknown> = {
      name: '',
      namespace: 'n',
      generateName: '',
      creationTimestamp: null,
      labels: {},
      annotations: { a: '', b: null },
      finalizers: [],
      managedFields: [],
      generation: 0,
      ownerReferences: {},
    };
    normalizeMetadata(metadata);
    expect(metadata).to.deep.equal({
      name: '',
      namespace: 'n',
      annotations: { a: '', b: '' },
      managedFields: [],
      generation: 0,
      ownerReferences: {},
    });
  });
});
