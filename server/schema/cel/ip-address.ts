import { BlockList, isIP } from 'node:net';

const MAX_LENGTH = 45;

/** An address as `ip()` makes it: IPv4, or IPv6 without a zone. */
export class IpAddress {
  /** In its one canonical spelling. */
  readonly text: string;
  readonly family: 4 | 6;

  constructor(text: string, family: 4 | 6) {
    this.text = text;
    this.family = family;
  }
}

/** A network as `cidr()` makes it. */
export class Cidr {
  readonly ip: IpAddress;
  readonly prefixLength: number;

  constructor(ip: IpAddress, prefixLength: number) {
    this.ip = ip;
    this.prefixLength = prefixLength;
  }

  contains(other: IpAddress | Cidr): boolean {
    if (other instanceof Cidr && other.prefixLength < this.prefixLength) return false;
    const ip = other instanceof Cidr ? other.ip : other;
    if (ip.family !== this.ip.family) return false;
    const list = new BlockList();
    const family = this.ip.family === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(this.ip.text, this.prefixLength, family);
    return list.check(ip.text, family);
  }
}

/** Undefined when the text is no address; IPv4 within IPv6 is none, as in Kubernetes. */
export function parseIp(text: string): IpAddress | undefined {
  const family = text.length <= MAX_LENGTH && !text.includes('%') ? isIP(text) : 0;
  if (family === 4) return new IpAddress(text, 4);
  if (family === 0 || text.includes('.')) return undefined;
  return new IpAddress(new URL(`http://[${text}]`).hostname.slice(1, -1), 6);
}

/** Undefined when the text is no network such as `10.0.0.0/8`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...rest] = text.split('/', 3);
  const ip = parseIp(address);
  if (ip === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength > (ip.family === 4 ? 32 : 128) ? undefined : new Cidr(ip, prefixLength);
}
