import { readFileSync } from 'node:fs';

/** Prints one line of a table: what, and its figure. */
export function report(what: string, figure: string): void {
  console.log(`${what.padEnd(72)} ${figure.padStart(12)}`);
}

export function title(text: string): void {
  console.log(`\n## ${text}`);
}

/** The q-quantile, 0 to 1, of figures in any order. */
export function quantile(figures: readonly number[], q: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

export function bytes(value: number): string {
  return value < 1_048_576
    ? `${(value / 1_024).toFixed(1)} KiB`
    : `${(value / 1_048_576).toFixed(1)} MiB`;
}

/** The load of the last minute, 5 and 15 minutes. */
export function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
}
