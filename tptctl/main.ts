#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CliError, ExitCode } from './cli-error.js';

/** Commands by name, loaded only when called: start-up is what a person waits for at every call. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./commands/up.js')).upCommand(),
  down: async () => (await import('./commands/down.js')).downCommand(),
  status: async () => (await import('./commands/status.js')).statusCommand(),
  apply: async () => (await import('./commands/apply.js')).applyCommand(),
  get: async () => (await import('./commands/get.js')).getCommand(),
  describe: async () => (await import('./commands/describe.js')).describeCommand(),
  why: async () => (await import('./commands/why.js')).whyCommand(),
  logs: async () => (await import('./commands/logs.js')).logsCommand(),
  delete: async () => (await import('./commands/delete.js')).deleteCommand(),
  wait: async () => (await import('./commands/wait.js')).waitCommand(),
  'api-resources': async () => (await import('./commands/api-resources.js')).apiResourcesCommand(),
  'verify-reconciler': async () =>
    (await import('./commands/verify-reconciler.js')).verifyReconcilerCommand(),
  version: async () => (await import('./commands/version.js')).versionCommand(),
};

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('tptctl')
    .description(
      'Declare clusters and applications; Threeport makes the world match and keeps it so.',
    )
    .showHelpAfterError('("tptctl --help" lists the commands)')
    .exitOverride();
  const called = COMMANDS[args[0] ?? ''];
  const commands = called === undefined ? Object.values(COMMANDS) : [called];
  for (const load of commands) {
    const command = await load();
    program.addCommand(
      command.exitOverride().showHelpAfterError(`("tptctl ${command.name()} --help" explains)`),
    );
  }
  if (args.length === 0) program.help();
  await program.parseAsync(args, { from: 'user' });
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `tptctl get … | head` is no failure.
  process.exit(error.code === 'EPIPE' ? 0 : ExitCode.failure);
});

/** Nobody listens there: of all that may be the matter, the likeliest. */
function hintFor(text: string): string {
  return /^cannot reach .*(ECONNREFUSED|ECONNRESET)/.test(text)
    ? '\nis the control plane running? "tptctl status" looks; "tptctl up" starts it'
    : '';
}

/** Ends the process once everything printed is out: a pipe takes 64 KiB at a time. */
function exit(code: number): void {
  process.stderr.write('', () => process.stdout.write('', () => process.exit(code)));
}

/** `--version`, as most programs have it. */
function argsOf(argv: readonly string[]): readonly string[] {
  const isVersion = argv[0] === '--version' || argv[0] === '-v';
  return isVersion ? ['version', '--client'] : argv;
}

main(argsOf(process.argv.slice(2))).then(
  () => exit(Number(process.exitCode ?? 0)),
  async (error: unknown) => {
    if (error instanceof CommanderError) {
      exit(error.exitCode === 0 ? 0 : ExitCode.usage);
      return;
    }
    const { errorChain } = await import('../sdk/error-chain.js');
    const text = errorChain(error);
    console.error(`error: ${text}${hintFor(text)}`);
    exit(error instanceof CliError ? error.exitCode : ExitCode.failure);
  },
);
