import type { ServiceSpec } from '../kubernetes-types.js';

/** The range from which Services get their addresses, as a /16. */
const SERVICE_NETWORK = '10.96';
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;
const FIRST_HOST = 11;
const LAST_HOST = 65_000;
/** A reservation whose Service was never stored lapses after this. */
const RESERVATION_MS = 10_000;

/** Cluster IPs and node ports that other Services hold. */
export type ServiceAddresses = ReadonlySet<string | number>;

/**
 * Gives each Service a cluster IP, and node ports where its type needs them, that no other Service
 * has. An address given out but not yet seen in a stored Service stays reserved for ten seconds, so
 * concurrent creates never share one.
 */
export class AddressAllocator {
  readonly #reserved = new Map<
    string | number,
    { readonly owner: string; readonly untilMs: number }
  >();
  #lastHost = FIRST_HOST - 1;
  #lastNodePort = FIRST_NODE_PORT - 1;

  /**
   * Completes a spec, in place. `owner` is the Service's key: what is reserved for it, it may have.
   *
   * @returns the addresses asked for by name that another Service has, as `[field, message]`.
   */
  allocate(
    spec: ServiceSpec,
    owner: string,
    taken: ServiceAddresses,
    nowMs: number,
  ): [string, string][] {
    const conflicts: [string, string][] = [];
    for (const [address, { untilMs }] of this.#reserved) {
      if (untilMs <= nowMs) this.#reserved.delete(address);
    }
    const untilMs = nowMs + RESERVATION_MS;
    const isFree = (address: string | number): boolean =>
      !taken.has(address) && (this.#reserved.get(address)?.owner ?? owner) === owner;
    const next = <T extends string | number>(candidate: () => T, attempts: number): T => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const address = candidate();
        if (!isFree(address)) continue;
        this.#reserved.set(address, { owner, untilMs });
        return address;
      }
      throw new Error(`no Service address is free: ${taken.size} are in use; delete some Services`);
    };
    if (spec.type === 'ExternalName') return conflicts;
    if (spec.clusterIP === undefined) {
      spec.clusterIP = next(() => this.#nextHost(), LAST_HOST - FIRST_HOST);
    } else if (spec.clusterIP !== 'None') {
      if (isFree(spec.clusterIP)) this.#reserved.set(spec.clusterIP, { owner, untilMs });
      else {
        const detail = `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`;
        conflicts.push(['spec.clusterIPs', `Invalid value: ["${spec.clusterIP}"]: ${detail}`]);
      }
    }
    if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return conflicts;
    if (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false)
      return conflicts;
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (port.nodePort === undefined || port.nodePort === 0) {
        port.nodePort = next(() => this.#nextNodePort(), LAST_NODE_PORT - FIRST_NODE_PORT);
      } else if (isFree(port.nodePort)) {
        this.#reserved.set(port.nodePort, { owner, untilMs });
      } else {
        const message = `Invalid value: ${port.nodePort}: provided port is already allocated`;
        conflicts.push([`spec.ports[${index}].nodePort`, message]);
      }
    }
    return conflicts;
  }

  #nextHost(): string {
    this.#lastHost = this.#lastHost >= LAST_HOST ? FIRST_HOST : this.#lastHost + 1;
    return `${SERVICE_NETWORK}.${this.#lastHost >> 8}.${this.#lastHost & 255}`;
  }

  #nextNodePort(): number {
    this.#lastNodePort =
      this.#lastNodePort >= LAST_NODE_PORT ? FIRST_NODE_PORT : this.#lastNodePort + 1;
    return this.#lastNodePort;
  }
}
