import { isIP } from 'node:net';

const MAX_LENGTH = 45;
const V4_IN_V6 = 0xffffn;
const BITS = { 4: 32n, 6: 128n };

/** An address as `ip()` makes it: IPv4, or IPv6 without a zone. */
export class IpAddress {
  /** In its one canonical spelling. */
  readonly text: string;
  readonly family: 4 | 6;

  constructor(text: string, family: 4 | 6) {
    this.text = text;
    this.family = family;
  }

  get number(): bigint {
    return this.family === 4 ? numberOfV4(this.text) : numberOfV6(this.text);
  }

  get isUnspecified(): boolean {
    return this.number === 0n;
  }

  get isLoopback(): boolean {
    return this.#isWithin(LOOPBACK);
  }

  get isLinkLocalMulticast(): boolean {
    return this.#isWithin(LINK_LOCAL_MULTICAST);
  }

  get isLinkLocalUnicast(): boolean {
    return this.#isWithin(LINK_LOCAL_UNICAST);
  }

  /** As Go's `netip.Addr`: private networks too, but for the IPv4 broadcast address. */
  get isGlobalUnicast(): boolean {
    return !(
      this.isUnspecified ||
      this.text === '255.255.255.255' ||
      this.isLoopback ||
      this.#isWithin(MULTICAST) ||
      this.isLinkLocalUnicast
    );
  }

  #isWithin(networks: readonly string[]): boolean {
    return networks.some((network) => parseCidr(network)?.contains(this) === true);
  }
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const MULTICAST = ['224.0.0.0/4', 'ff00::/8'];
const LINK_LOCAL_MULTICAST = ['224.0.0.0/24', 'ff02::/16'];
const LINK_LOCAL_UNICAST = ['169.254.0.0/16', 'fe80::/10'];

/** A network as `cidr()` makes it. */
export class Cidr {
  readonly ip: IpAddress;
  readonly prefixLength: number;

  constructor(ip: IpAddress, prefixLength: number) {
    this.ip = ip;
    this.prefixLength = prefixLength;
  }

  get text(): string {
    return `${this.ip.text}/${this.prefixLength}`;
  }

  contains(other: IpAddress | Cidr): boolean {
    if (other instanceof Cidr && other.prefixLength < this.prefixLength) return false;
    const ip = other instanceof Cidr ? other.ip : other;
    return ip.family === this.ip.family && ip.number >> this.#rest === this.ip.number >> this.#rest;
  }

  /** The same network, named by its first address. */
  masked(): Cidr {
    const first = (this.ip.number >> this.#rest) << this.#rest;
    return new Cidr(addressOf(first, this.ip.family), this.prefixLength);
  }

  /** How many bits of an address are free. */
  get #rest(): bigint {
    return BITS[this.ip.family] - BigInt(this.prefixLength);
  }
}

/** Undefined when the text is no address; IPv4 within IPv6 is none, as in Kubernetes. */
export function parseIp(text: string): IpAddress | undefined {
  const family = text.length <= MAX_LENGTH && !text.includes('%') ? isIP(text) : 0;
  if (family === 4) return new IpAddress(text, 4);
  if (family === 0 || text.includes('.')) return undefined;
  const ip = new IpAddress(canonicalV6(text), 6);
  return ip.number >> 32n === V4_IN_V6 ? undefined : ip;
}

/** Undefined when the text is no network such as `10.0.0.0/8`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...rest] = text.split('/', 3);
  const ip = parseIp(address);
  if (ip === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength > (ip.family === 4 ? 32 : 128) ? undefined : new Cidr(ip, prefixLength);
}

function addressOf(number: bigint, family: 4 | 6): IpAddress {
  if (family === 4) {
    const bytes = [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n);
    return new IpAddress(bytes.join('.'), 4);
  }
  const groups = number.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  return new IpAddress(canonicalV6(groups.join(':')), 6);
}

function canonicalV6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function numberOfV4(text: string): bigint {
  return text.split('.').reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}

function numberOfV6(text: string): bigint {
  const [head = '', tail = ''] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [head, tail].map((half) => Array.from(half));
  const missing = 8 - (groups[0]?.length ?? 0) - (groups[1]?.length ?? 0);
  const all = [...(groups[0] ?? []), ...Array<string>(missing).fill('0'), ...(groups[1] ?? [])];
  return BigInt(`0x${all.map((group) => group.padStart(4, '0')).join('')}`);
}
