import { expect } from 'chai';
import { consumerName, keyOfSubject, wakeSubject } from './wake-subject.js';

describe('wakeSubject', () => {
  const cases = [
    {
      name: 'a group with dots',
      reason: 'a dot would be another token',
      given: { resource: 'workloads.workload.threeport.io', uid: 'u-1' },
      want: 'wake.workload_threeport_io.workloads.u-1',
    },
    {
      name: 'the core group',
      reason: 'it has no name of its own',
      given: { resource: 'secrets', uid: 'u-1' },
      want: 'wake.core.secrets.u-1',
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      expect(wakeSubject(given.resource, given.uid)).to.equal(want);
      expect(keyOfSubject(want)).to.deep.equal(given);
    });
  }

  for (const subject of [
    'wake.core.secrets',
    'other.core.secrets.u',
    'wake.core.secrets.u.x',
    '',
  ]) {
    it(`"${subject}" is for no object`, () => {
      expect(keyOfSubject(subject)).to.equal(undefined);
    });
  }

  it('names consumers without dots, which JetStream refuses', () => {
    expect(consumerName('workloads.workload.threeport.io')).to.equal(
      'workloads_workload_threeport_io',
    );
  });
});
