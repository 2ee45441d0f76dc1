import { expect } from 'chai';
import { decodeProtobuf } from './protobuf-body.js';

const field = (number: number, value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
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

  const refused = [
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
      name: 'an endless number',
      given: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]),
      want: /64 bits/,
    },
  ];
  for (const { name, given, want } of refused) {
    it(`refuses ${name}`, () => expect(() => decodeProtobuf(given)).to.throw(want));
  }
});
