import { statfsSync } from 'node:fs';
import { errorChain } from '../../sdk/error-chain.js';

/**
 * A fault of the embedded control plane that a person can act on. `message` says what, where and
 * for which input in one line; `logLines` are the last lines of the part that failed, `remedy` what
 * to do. `format` joins them for the terminal.
 */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly remedy: string | undefined;
  readonly logLines: readonly string[];
  readonly logFile: string | undefined;

  constructor(
    message: string,
    options: {
      remedy?: string | undefined;
      logLines?: readonly string[] | undefined;
      logFile?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy;
    this.logLines = options.logLines ?? [];
    this.logFile = options.logFile;
  }

  format(): string {
    const lines = [this.message];
    if (this.logLines.length > 0) {
      lines.push(`the last lines of ${this.logFile ?? 'its log'}:`);
      lines.push(...this.logLines.map((line) => `  ${line}`));
    }
    if (this.remedy !== undefined) lines.push(`what to do: ${this.remedy}`);
    return lines.join('\n');
  }
}

/** The system's error code (`ENOSPC`, `EACCES`, ...) of anything thrown, or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Turns what a file operation threw into an error that names the path and the remedy. */
export function fileError(what: string, path: string, error: unknown): EmbeddedError {
  const code = systemCodeOf(error);
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new EmbeddedError(`cannot ${what} ${path}: ${REASONS[reason] ?? reason}`, {
    remedy: REMEDIES[reason],
    cause: error,
  });
}

/**
 * Why the control plane of `home` did not start, ready to be printed. Parts that wait for a full
 * disk do not say so themselves: that little space is left is said for them.
 */
export function explainFailure(error: unknown, home: string): string {
  const text = error instanceof EmbeddedError ? error.format() : errorChain(error);
  const freeBytes = freeBytesAt(home);
  if (text.includes('what to do: ') || freeBytes === undefined || freeBytes > LITTLE_BYTES) {
    return text;
  }
  const freeMb = Math.floor(freeBytes / 1_000_000);
  return `${text}\nwhat to do: ${home} has ${freeMb} MB left; ${REMEDIES['ENOSPC']}`;
}

/** PostgreSQL's next segment of its log, and a little. */
const LITTLE_BYTES = 20_000_000;

function freeBytesAt(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device (ENOSPC)',
  EDQUOT: 'the disk quota is used up (EDQUOT)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'operation not permitted (EPERM)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOENT: 'no such folder can be made there (ENOENT)',
  ENOTDIR: 'a part of the path is a file, not a folder (ENOTDIR)',
};

const ELSEWHERE = 'choose another folder with --home or THREEPORT_HOME';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: `free some space (about 200 MB are needed), or ${ELSEWHERE}`,
  EDQUOT: `free some space (about 200 MB are needed), or ${ELSEWHERE}`,
  EACCES: `make the folder writable for this user, or ${ELSEWHERE}`,
  EPERM: `make the folder writable for this user, or ${ELSEWHERE}`,
  EROFS: ELSEWHERE,
  ENOENT: ELSEWHERE,
  ENOTDIR: ELSEWHERE,
};
