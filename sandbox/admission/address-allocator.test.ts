import { expect } from 'chai';
import type { ServiceSpec } from '../kubernetes-types.js';
import { AddressAllocator } from './address-allocator.js';

describe('AddressAllocator', () => {
  const none = new Set<string>();

  it('gives each Service an address, and node ports where the type needs them', () => {
    const allocator = new AddressAllocator();
    const first: ServiceSpec = { type: 'ClusterIP', ports: [{ port: 80 }] };
    const second: ServiceSpec = { type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] };
    expect(allocator.allocate(first, 'a/one', none, 0)).to.deep.equal([]);
    expect(allocator.allocate(second, 'a/two', none, 0)).to.deep.equal([]);
    expect(first.clusterIP).to.not.equal(second.clusterIP);
    expect(first.ports?.[0]?.nodePort).to.equal(undefined);
    const ports = second.ports?.map(({ nodePort }) => nodePort) ?? [];
    expect(new Set(ports).size).to.equal(2);
    for (const port of ports) expect(port).to.be.within(30_000, 32_767);
  });

  it('refuses an address that another has or is about to have, not its own', () => {
    const allocator = new AddressAllocator();
    const wants = (): ServiceSpec => ({
      type: 'ClusterIP',
      clusterIP: '10.96.1.1',
      ports: [{ port: 80 }],
    });
    expect(allocator.allocate(wants(), 'a/one', none, 0)).to.deep.equal([]);
    expect(allocator.allocate(wants(), 'a/one', none, 1)).to.deep.equal([]);
    expect(allocator.allocate(wants(), 'a/two', none, 1)).to.have.length(1);
    // The reservation of a Service that was never stored lapses.
    expect(allocator.allocate(wants(), 'a/two', none, 60_000)).to.deep.equal([]);
    expect(allocator.allocate(wants(), 'a/three', new Set(['10.96.1.1']), 120_000)).to.have.length(
      1,
    );
  });

  it('leaves a headless Service and an external name without address', () => {
    const allocator = new AddressAllocator();
    const headless: ServiceSpec = { type: 'ClusterIP', clusterIP: 'None' };
    const external: ServiceSpec = { type: 'ExternalName', externalName: 'example.com' };
    allocator.allocate(headless, 'a/one', none, 0);
    allocator.allocate(external, 'a/two', none, 0);
    expect(headless.clusterIP).to.equal('None');
    expect(external.clusterIP).to.equal(undefined);
  });
});
