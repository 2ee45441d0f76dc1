import { CelError } from '../cel-error.js';
import type { CelFunction, FunctionLibrary } from '../compiled-node.js';
import type { CostMeter } from '../cost-meter.js';
import { Cidr, IpAddress, parseCidr, parseIp } from '../ip-address.js';
import { parseQuantity } from '../../quantity.js';
import type { CelValue } from '../values.js';
import { CelList, LiteralMap, MAX_INT, MIN_INT, Quantity, Url } from '../values.js';
import { instanceAt, stringAt } from './arguments.js';

const NANO = 1_000_000_000n;
const MAX_URL_LENGTH = 8_192;

/**
 * What Kubernetes adds to CEL (k8s.io/apiserver/pkg/cel/library): URLs, quantities, addresses.
 */
export const kubernetesFunctions: FunctionLibrary = {
  signatures: [
    'isURL(string): bool',
    'url(string): kubernetes.URL',
    ...['getScheme', 'getHost', 'getHostname', 'getPort', 'getEscapedPath'].map(
      (name) => `kubernetes.URL.${name}(): string`,
    ),
    'kubernetes.URL.getQuery(): map<string, list<string>>',
    'isQuantity(string): bool',
    'quantity(string): kubernetes.Quantity',
    'kubernetes.Quantity.sign(): int',
    'kubernetes.Quantity.isInteger(): bool',
    'kubernetes.Quantity.asInteger(): int',
    'kubernetes.Quantity.asApproximateFloat(): double',
    ...['add', 'sub'].flatMap((name) => [
      `kubernetes.Quantity.${name}(kubernetes.Quantity): kubernetes.Quantity`,
      `kubernetes.Quantity.${name}(int): kubernetes.Quantity`,
    ]),
    'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
    'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
    'kubernetes.Quantity.compareTo(kubernetes.Quantity): int',
    'isIP(string): bool',
    'ip(string): net.IP',
    'net.IP.family(): int',
    'isCIDR(string): bool',
    'cidr(string): net.CIDR',
    'net.CIDR.containsIP(string): bool',
    'net.CIDR.containsIP(net.IP): bool',
    'net.CIDR.containsCIDR(string): bool',
    'net.CIDR.containsCIDR(net.CIDR): bool',
    'net.CIDR.ip(): net.IP',
    'net.CIDR.prefixLength(): int',
  ],
  functions: {
    'isURL/1': (args, meter) => parseUrl(stringAt(args, 0), meter) !== undefined,
    'url/1': (args, meter) => required(parseUrl(stringAt(args, 0), meter), 'URL', args),
    '.getScheme/0': part((url) => url.protocol.replace(/:$/, '')),
    '.getHost/0': part((url) => url.host),
    '.getHostname/0': part((url) => url.hostname.replace(/^\[|\]$/g, '')),
    '.getPort/0': part((url) => url.port),
    '.getEscapedPath/0': (args) => instanceAt(args, 0, Url).url.pathname,
    '.getQuery/0': (args) => queryOf(instanceAt(args, 0, Url).url),
    'isQuantity/1': (args) => parseQuantity(stringAt(args, 0)) !== undefined,
    'quantity/1': (args) => {
      const parsed = parseQuantity(stringAt(args, 0));
      return required(parsed && new Quantity(parsed.nanos), 'quantity', args);
    },
    '.sign/0': (args) => sign(quantityAt(args, 0)),
    '.isInteger/0': (args) => isInt64(quantityAt(args, 0)),
    '.asInteger/0': (args) => {
      const nanos = quantityAt(args, 0);
      if (!isInt64(nanos)) throw new CelError('cannot convert value to integer');
      return nanos / NANO;
    },
    '.asApproximateFloat/0': (args) => Number(quantityAt(args, 0)) / 1e9,
    '.add/1': (args) => new Quantity(quantityAt(args, 0) + quantityAt(args, 1)),
    '.sub/1': (args) => new Quantity(quantityAt(args, 0) - quantityAt(args, 1)),
    '.isGreaterThan/1': (args) => quantityAt(args, 0) > quantityAt(args, 1),
    '.isLessThan/1': (args) => quantityAt(args, 0) < quantityAt(args, 1),
    '.compareTo/1': (args) => sign(quantityAt(args, 0) - quantityAt(args, 1)),
    'isIP/1': (args) => parseIp(stringAt(args, 0)) !== undefined,
    'ip/1': (args) => required(parseIp(stringAt(args, 0)), 'IP', args),
    '.family/0': (args) => BigInt(instanceAt(args, 0, IpAddress).family),
    'isCIDR/1': (args) => parseCidr(stringAt(args, 0)) !== undefined,
    'cidr/1': (args) => required(parseCidr(stringAt(args, 0)), 'CIDR', args),
    '.containsIP/1': (args) =>
      instanceAt(args, 0, Cidr).contains(
        typeof args[1] === 'string'
          ? required(parseIp(args[1]), 'IP', args.slice(1))
          : instanceAt(args, 1, IpAddress),
      ),
    '.containsCIDR/1': (args) =>
      instanceAt(args, 0, Cidr).contains(
        typeof args[1] === 'string'
          ? required(parseCidr(args[1]), 'CIDR', args.slice(1))
          : instanceAt(args, 1, Cidr),
      ),
    '.ip/0': (args) => instanceAt(args, 0, Cidr).ip,
    '.prefixLength/0': (args) => BigInt(instanceAt(args, 0, Cidr).prefixLength),
  } satisfies Record<string, CelFunction>,
};

function required<T>(value: T | undefined, what: string, args: readonly CelValue[]): T {
  if (value !== undefined) return value;
  throw new CelError(`${what} parse error`, JSON.stringify(stringAt(args, 0).slice(0, 100)));
}

function quantityAt(args: readonly CelValue[], index: number): bigint {
  const value = args[index];
  return typeof value === 'bigint' ? value * NANO : instanceAt(args, index, Quantity).nanos;
}

function sign(nanos: bigint): bigint {
  if (nanos === 0n) return 0n;
  return nanos > 0n ? 1n : -1n;
}

function isInt64(nanos: bigint): boolean {
  const whole = nanos / NANO;
  return nanos % NANO === 0n && whole <= MAX_INT && whole >= MIN_INT;
}

/** An absolute URL, or a path that begins with a slash: what Go's `url.ParseRequestURI` takes. */
function parseUrl(text: string, meter: CostMeter): Url | undefined {
  meter.spend(100 + text.length);
  if (text.length > MAX_URL_LENGTH || /[\s#\\]/.test(text)) return undefined;
  const isPath = text.startsWith('/');
  if (!isPath && !/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/]/.test(text)) return undefined;
  const whole = isPath ? `http://path${text.replace(/^\/+/, '/')}` : text;
  return URL.canParse(whole) ? new Url(new URL(whole), isPath) : undefined;
}

/** A part of the URL that a path alone does not have. */
function part(of: (url: URL) => string): CelFunction {
  return (args) => {
    const { url, isPath } = instanceAt(args, 0, Url);
    return isPath ? '' : of(url);
  };
}

function queryOf(url: URL): LiteralMap {
  const query = new Map<string, CelList>();
  for (const key of new Set(url.searchParams.keys())) {
    query.set(key, new CelList(url.searchParams.getAll(key)));
  }
  return new LiteralMap(query);
}
