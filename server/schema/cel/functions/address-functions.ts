import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import { Cidr, IpAddress, parseCidr, parseIp } from '../ip-address.js';
import type { CelValue } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

const QUESTIONS = [
  'isUnspecified',
  'isLoopback',
  'isLinkLocalMulticast',
  'isLinkLocalUnicast',
  'isGlobalUnicast',
] as const;

/** Kubernetes' libraries of IP addresses and networks (k8s.io/apiserver/pkg/cel/library). */
export const addressFunctions: FunctionLibrary = {
  signatures: [
    'isIP(string): bool',
    'ip(string): net.IP',
    'ip.isCanonical(string): bool',
    '.family(net.IP): int',
    ...QUESTIONS.map((name) => `.${name}(net.IP): bool`),
    'string(net.IP): string',
    'isCIDR(string): bool',
    'cidr(string): net.CIDR',
    '.containsIP(net.CIDR, string): bool',
    '.containsIP(net.CIDR, net.IP): bool',
    '.containsCIDR(net.CIDR, string): bool',
    '.containsCIDR(net.CIDR, net.CIDR): bool',
    '.ip(net.CIDR): net.IP',
    '.masked(net.CIDR): net.CIDR',
    '.prefixLength(net.CIDR): int',
    'string(net.CIDR): string',
  ],
  functions: {
    'isIP/1': (args) => parseIp(stringAt(args, 0)) !== undefined,
    'ip/1': (args) => ipAt(args, 0),
    'ip.isCanonical/1': (args) => ipAt(args, 0).text === args[0],
    '.family/0': (args) => BigInt(instanceAt(args, 0, IpAddress).family),
    ...Object.fromEntries(
      QUESTIONS.map((name): [string, CelFunction] => [
        `.${name}/0`,
        (args) => instanceAt(args, 0, IpAddress)[name],
      ]),
    ),
    'isCIDR/1': (args) => parseCidr(stringAt(args, 0)) !== undefined,
    'cidr/1': (args) => cidrAt(args, 0),
    '.containsIP/1': (args) => instanceAt(args, 0, Cidr).contains(ipAt(args, 1)),
    '.containsCIDR/1': (args) => instanceAt(args, 0, Cidr).contains(cidrAt(args, 1)),
    '.ip/0': (args) => instanceAt(args, 0, Cidr).ip,
    '.masked/0': (args) => instanceAt(args, 0, Cidr).masked(),
    '.prefixLength/0': (args) => BigInt(instanceAt(args, 0, Cidr).prefixLength),
  } satisfies Record<string, CelFunction>,
};

/** @throws CelError when the argument is neither an address nor the text of one. */
function ipAt(args: readonly CelValue[], index: number): IpAddress {
  const value = args[index];
  if (typeof value !== 'string') return instanceAt(args, index, IpAddress);
  return parseIp(value) ?? notParsed('IP Address', value);
}

function cidrAt(args: readonly CelValue[], index: number): Cidr {
  const value = args[index];
  if (typeof value !== 'string') return instanceAt(args, index, Cidr);
  return parseCidr(value) ?? notParsed('CIDR', value);
}

function notParsed(what: string, text: string): never {
  const shown = JSON.stringify(text.slice(0, 100));
  throw new CelError(`${what} parse error during conversion from string`, shown);
}
