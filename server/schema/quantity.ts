const SYNTAX = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const NANO = 1_000_000_000n;

/** More digits than any amount has, and few enough that arithmetic on them costs nothing. */
const MAX_LENGTH = 64;

interface ParsedQuantity {
  /** In billionths, so that every suffix is a whole number. */
  readonly nanos: bigint;
  readonly binary: boolean;
}

/** Undefined for what is no quantity. */
export function parseQuantity(value: unknown): ParsedQuantity | undefined {
  const text = String(value);
  const match = text.length > MAX_LENGTH ? null : SYNTAX.exec(text);
  if (match === null) return undefined;
  const [, sign, number = '0', suffix = ''] = match;
  const [whole = '', fraction = ''] = number.split('.');
  const binaryPower = BINARY.indexOf(suffix);
  const binary = binaryPower > 0;
  // The fraction is held as digits; more than 9 digits after scaling are rounded up, as Kubernetes does.
  const digits = BigInt(`${whole}${fraction}` || '0');
  let numerator = digits * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (binary) numerator *= 1024n ** BigInt(binaryPower);
  else if (/^[eE][+-]?\d/.test(suffix)) {
    const exponent = Number(suffix.slice(1));
    if (Math.abs(exponent) > 30) return undefined;
    if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
    else denominator *= 10n ** BigInt(-exponent);
  } else {
    const power = DECIMAL.indexOf(suffix) - 3;
    if (power >= 0) numerator *= 1000n ** BigInt(power);
    else denominator *= 1000n ** BigInt(-power);
  }
  const nanos = (numerator + denominator - 1n) / denominator;
  return { nanos: sign === '-' ? -nanos : nanos, binary };
}

/** Whether the value is a Kubernetes quantity, such as `500m`, `1Gi`, `0.5` or 2. */
export function isQuantity(value: unknown): boolean {
  return (
    (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined
  );
}

/**
 * Kubernetes' canonical spelling: `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`. What is no
 * quantity is returned as it is.
 */
export function canonicalQuantity(value: unknown): unknown {
  const quantity = isQuantity(value) ? parseQuantity(value) : undefined;
  if (quantity === undefined) return value;
  const { nanos, binary } = quantity;
  if (nanos === 0n) return '0';
  if (binary && nanos % NANO === 0n) return shorten(nanos / NANO, 1024n, BINARY);
  return shorten(nanos, 1000n, DECIMAL);
}

function shorten(amount: bigint, step: bigint, suffixes: readonly string[]): string {
  let index = 0;
  let rest = amount;
  while (rest % step === 0n && index < suffixes.length - 1) {
    rest /= step;
    index++;
  }
  return `${rest}${suffixes[index] ?? ''}`;
}

/** Compares two quantities: negative, zero or positive. What is no quantity counts as zero. */
export function compareQuantities(a: unknown, b: unknown): number {
  const difference = (parseQuantity(a)?.nanos ?? 0n) - (parseQuantity(b)?.nanos ?? 0n);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The sum of quantities, in canonical spelling; the binary suffixes are kept if any operand has one. */
export function addQuantities(values: readonly unknown[]): string {
  const parsed = values.map(parseQuantity).filter((quantity) => quantity !== undefined);
  const nanos = parsed.reduce((sum, quantity) => sum + quantity.nanos, 0n);
  if (nanos === 0n) return '0';
  return parsed.some((quantity) => quantity.binary) && nanos % NANO === 0n
    ? shorten(nanos / NANO, 1024n, BINARY)
    : shorten(nanos, 1000n, DECIMAL);
}

/** Changes every quantity of a map to its canonical spelling, in place. */
export function canonicaliseQuantities(quantities: Record<string, unknown> | undefined): void {
  for (const [key, value] of Object.entries(quantities ?? {})) {
    if (quantities !== undefined) quantities[key] = canonicalQuantity(value);
  }
}
