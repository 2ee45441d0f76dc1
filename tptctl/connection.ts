import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Client } from '../client/index.js';
import { CliError } from './cli-error.js';
import type { DiscoveredKind } from './discovery.js';
import { discover } from './discovery.js';

/** Flags that every command which talks to a server has. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly home?: string;
}

/** A server to talk to, and the namespace that is meant when none is said. */
export interface Connection {
  readonly client: Client;
  readonly namespace: string;
  /** The namespace was named on the command line. */
  readonly namespaceIsAsked: boolean;
  readonly kubeconfig: string;
  /** What the server serves; asked for once. */
  kinds(): Promise<readonly DiscoveredKind[]>;
}

export function withConnectionFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the control plane to talk to (default: ~/.threeport/config)')
    .option('--context <name>', 'a context of the kubeconfig other than the current one')
    .option('-n, --namespace <name>', 'the namespace to work in (default: that of the context)');
}

/** @throws CliError when there is no usable kubeconfig. */
export async function connect(flags: ConnectionFlags): Promise<Connection> {
  const { createClient, readKubeconfig } = await import('../client/index.js');
  const kubeconfig = flags.kubeconfig ?? defaultKubeconfig();
  const context = await readKubeconfig(kubeconfig, flags.context).catch((error: Error) => {
    throw new CliError(error.message, { cause: error.cause });
  });
  const client = createClient({ ...context, userAgent: 'tptctl' });
  let kinds: Promise<readonly DiscoveredKind[]> | undefined;
  return {
    client,
    namespace: flags.namespace ?? context.namespace,
    namespaceIsAsked: flags.namespace !== undefined,
    kubeconfig,
    kinds: () => (kinds ??= discover(client)),
  };
}

/**
 * Where an object of a file belongs.
 *
 * @throws CliError when the file and the command line name different namespaces.
 */
export function namespaceOf(
  object: { readonly metadata: { readonly namespace?: string } },
  connection: Pick<Connection, 'namespace' | 'namespaceIsAsked'>,
): string {
  const { namespace } = object.metadata;
  if (namespace === undefined) return connection.namespace;
  if (connection.namespaceIsAsked && namespace !== connection.namespace) {
    throw new CliError(
      `its namespace "${namespace}" is not "${connection.namespace}", which -n asks for; ` +
        `leave -n out, or the namespace out of the file`,
    );
  }
  return namespace;
}

function defaultKubeconfig(): string {
  const home = process.env['THREEPORT_HOME'];
  return join(home === undefined || home === '' ? join(homedir(), '.threeport') : home, 'config');
}
