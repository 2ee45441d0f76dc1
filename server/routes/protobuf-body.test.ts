import { expect } from 'chai';
import { decodeProtobuf } from './protobuf-body.js';

const field = (number: number, value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  const tag = number * 8 + 2;
  const tagBytes = tag < 0x80 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7];
  return Buffer.concat([Buffer.from([...tagBytes, bytes.length]), bytes]);
};
const object = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, raw),
  ]);

describe('decodeProtobuf', () => {
  it('reads a ConfigMap as kubectl create sends it', () => {
    const metadata = Buffer.concat([field(1, 'c1'), field(2, ''), field(8, '')]);
    const entry = Buffer.concat([field(1, 'key'), field(2, 'value')]);
    const body = object('v1', 'ConfigMap', Buffer.concat([field(1, metadata), field(2, entry)]));
    expect(decodeProtobuf(body)).to.deep.equal({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c1' },
      data: { key: 'value' },
    });
  });

  it('reads a Lease as a leader writes it, with microseconds and owners of fields', () => {
    const number = (at: number, ...bytes: number[]): Buffer => Buffer.from([at * 8, ...bytes]);
    // 2026-01-01T00:00:00Z and 5 ms.
    const renewTime = Buffer.concat([
      number(1, 0x80, 0xf2, 0xd6, 0xca, 0x06),
      number(2, 0xc0, 0x96, 0xb1, 0x02),
    ]);
    const spec = Buffer.concat([field(1, ''), number(2, 15), field(4, renewTime), number(5, 0)]);
    const owner = Buffer.concat([field(1, 'leader'), field(7, field(1, '{"f:spec":{}}'))]);
    const metadata = Buffer.concat([field(1, 'l'), field(17, owner)]);
    const raw = Buffer.concat([field(1, metadata), field(2, spec)]);
    expect(decodeProtobuf(object('coordination.k8s.io/v1', 'Lease', raw))).to.deep.equal({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', managedFields: [{ manager: 'leader', fieldsV1: { 'f:spec': {} } }] },
      spec: {
        holderIdentity: '',
        leaseDurationSeconds: 15,
        renewTime: '2026-01-01T00:00:00.005000Z',
        leaseTransitions: 0,
      },
    });
  });

  it('reads the options of a delete, whatever the group', () => {
    const preconditions = field(1, 'some-uid');
    const raw = Buffer.concat([field(2, preconditions), field(4, 'Foreground'), field(5, 'All')]);
    expect(decodeProtobuf(object('coordination.k8s.io/v1', 'DeleteOptions', raw))).to.deep.include({
      preconditions: { uid: 'some-uid' },
      propagationPolicy: 'Foreground',
      dryRun: ['All'],
    });
  });

  const refused = [
    {
      name: 'owners of fields that are no JSON',
      given: object('v1', 'ConfigMap', field(1, field(17, field(7, field(1, '{'))))),
      want: /fieldsV1: want JSON/,
    },
    { name: 'other bytes', given: Buffer.from('{}'), want: /not Kubernetes protobuf/ },
    {
      name: 'an unknown kind',
      given: object('v1', 'Pod', Buffer.alloc(0)),
      want: /v1 Pod is not understood/,
    },
    {
      name: 'a name that objects inherit',
      given: object('', 'constructor', Buffer.alloc(0)),
      want: /not understood/,
    },
    {
      name: 'a field that would be lost',
      given: object('v1', 'ConfigMap', field(9, 'x')),
      want: /field 9 of ConfigMap/,
    },
    {
      name: 'a cut-off message',
      given: object('v1', 'ConfigMap', Buffer.from([10, 50, 1])),
      want: /cut off/,
    },
    {
      name: 'a time beyond all years',
      given: object(
        'v1',
        'ConfigMap',
        field(1, field(8, Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]))),
      ),
      want: /creationTimestamp: no such time/,
    },
    {
      name: 'a number that no float holds',
      given: object(
        'v1',
        'Event',
        Buffer.from([64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      ),
      want: /count: the number \d+ does not fit/,
    },
    {
      name: 'text that is none',
      given: object('v1', 'ConfigMap', field(1, field(1, Buffer.from([0xff])))),
      want: /not valid UTF-8/,
    },
    {
      name: 'more items than any object has',
      given: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(140_000, Buffer.from([8, 1]))]),
      want: /more than 60000 fields/,
    },
    {
      name: 'an endless number',
      given: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]),
      want: /64 bits/,
    },
  ];
  for (const { name, given, want } of refused) {
    it(`refuses ${name}`, () => expect(() => decodeProtobuf(given)).to.throw(want));
  }
});
