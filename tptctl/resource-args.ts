import { CliError, ExitCode } from './cli-error.js';
import type { DiscoveredKind } from './discovery.js';
import { kindsNamed } from './discovery.js';

/** One thing that a command line names: a kind, or one object of it. */
export interface ResourceArg {
  readonly kind: DiscoveredKind;
  readonly name?: string;
}

/**
 * Understands what kubectl does: `workloads`, `workloads,runtimes`, `workload web api`,
 * `workload/web runtime/local`.
 *
 * @throws CliError for unknown kinds and mixed forms.
 */
export function parseResourceArgs(
  kinds: readonly DiscoveredKind[],
  args: readonly string[],
): ResourceArg[] {
  const [first, ...names] = args;
  if (first === undefined) {
    throw new CliError(
      'name a resource type, such as "workloads"; "tptctl api-resources" lists them',
      {
        exitCode: ExitCode.usage,
      },
    );
  }
  if (args.some((arg) => arg.includes('/'))) return args.flatMap((arg) => parsePair(kinds, arg));
  const named = first.split(',').flatMap((word) => kindsNamed(kinds, word));
  if (names.length === 0) return named.map((kind) => ({ kind }));
  return named.flatMap((kind) => names.map((name) => ({ kind, name })));
}

function parsePair(kinds: readonly DiscoveredKind[], arg: string): ResourceArg[] {
  const [type = '', name = '', ...rest] = arg.split('/');
  if (name === '' || rest.length > 0) {
    throw new CliError(
      `"${arg}" is not of the form TYPE/NAME, which all arguments must have when one has it`,
      {
        exitCode: ExitCode.usage,
      },
    );
  }
  return kindsNamed(kinds, type).map((kind) => ({ kind, name }));
}
