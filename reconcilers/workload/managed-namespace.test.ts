import { expect } from 'chai';
import { assert, pre, property, stringMatching, uuid } from 'fast-check';
import { managedNamespaceName } from './managed-namespace.js';

describe('managedNamespaceName', () => {
  const objectName = stringMatching(/^[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?$/);

  it('is always a name that Kubernetes takes, and always the same', () => {
    assert(
      property(objectName, uuid(), (name, uid) => {
        const namespace = managedNamespaceName({ name, uid });
        expect(namespace).to.match(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        expect(namespace.length).to.be.at.most(63);
        expect(managedNamespaceName({ name, uid })).to.equal(namespace);
      }),
    );
  });

  it('is another for another instance of the same name', () => {
    assert(
      property(uuid(), uuid(), (a, b) => {
        pre(a !== b);
        expect(managedNamespaceName({ name: 'x', uid: a })).to.not.equal(
          managedNamespaceName({ name: 'x', uid: b }),
        );
      }),
    );
  });
});
