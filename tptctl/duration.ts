import { CliError, ExitCode } from './cli-error.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h30m`, `500ms`, `0` → milliseconds. @throws CliError. */
export function parseDurationMs(text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new CliError(`"${text}" is no duration; want one such as 30s, 5m or 1h30m`, {
      exitCode: ExitCode.usage,
    });
  }
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? 's'] ?? 0);
  }
  return totalMs;
}
