/** What the process exits with. 0 is success, 130 an interrupt. */
export const ExitCode = {
  failure: 1,
  usage: 2,
  interrupted: 130,
} as const;

/** A failure to be told to the person as it is, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? ExitCode.failure;
  }
}
