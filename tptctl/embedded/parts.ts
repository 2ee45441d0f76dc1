import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { HomePaths } from './home-paths.js';
import { natsUrl, startNatsServer } from './nats-server.js';
import {
  partEnvironment,
  withoutOwn,
  type NodePartName,
  type PartContext,
} from './part-environment.js';
import type { PostgresPlace } from './postgres-place.js';
import { postgresUrl, startPostgres } from './postgres.js';
import type { Credentials } from './credentials.js';
import type { Ports } from './settings.js';
import { startChild } from './start-child.js';
import type { Part } from './supervised-part.js';
import type { TlsFiles } from './tls-files.js';

export interface PartsOptions {
  readonly paths: HomePaths;
  readonly place: PostgresPlace;
  readonly ports: Ports;
  readonly tls: TlsFiles;
  readonly credentials: Credentials;
  /** Undefined: the control plane runs without NATS. */
  readonly natsBinary: string | undefined;
  readonly logLevel: string;
  /** The environment that the parts inherit. */
  readonly env: NodeJS.ProcessEnv;
  /** The JavaScript file of each part. */
  readonly scripts: Readonly<Record<NodePartName, string>>;
}

/**
 * A small young generation: the parts hold little and stay for days, and pages that a burst touched
 * are hardly ever given back. The server has many requests under way at once, whose objects would be
 * taken for old ones. Scavenges are short: to share them among threads costs more CPU than it saves.
 */
const heapOptions = (name: NodePartName): readonly string[] => [
  `--max-semi-space-size=${name === 'server' ? 16 : 4}`,
  '--no-parallel-scavenge',
];

/** The files of the real parts: `<distDir>/<part>/main.js`. */
export function partScripts(distDir: string): Record<NodePartName, string> {
  const scriptOf = (part: NodePartName): string => join(distDir, part, 'main.js');
  return {
    server: scriptOf('server'),
    sandbox: scriptOf('sandbox'),
    reconcilers: scriptOf('reconcilers'),
    agent: scriptOf('agent'),
  };
}

/** The processes of the control plane, each after those it needs. */
export function embeddedParts(options: PartsOptions): Part[] {
  const natsPassword = randomBytes(24).toString('base64url');
  const { natsBinary, paths, place, ports } = options;
  const context: PartContext = {
    ports,
    tls: options.tls,
    credentials: options.credentials,
    natsUrl: natsBinary === undefined ? undefined : natsUrl(ports.nats, natsPassword),
    databaseUrl: (database) => postgresUrl(place.socketDir, database),
    logLevel: options.logLevel,
    compileCacheDir: join(paths.runDir, 'compile-cache'),
  };
  const foreignEnv = withoutOwn(options.env);
  const parts: Part[] = [
    {
      name: 'postgres',
      after: [],
      start: (how) =>
        startPostgres({ ...place, ...how, databases: ['threeport', 'sandbox'], env: foreignEnv }),
    },
  ];
  if (natsBinary !== undefined) {
    parts.push({
      name: 'nats',
      after: [],
      start: (how) =>
        startNatsServer({
          ...how,
          binary: natsBinary,
          port: ports.nats,
          dir: paths.natsDir,
          password: natsPassword,
          env: foreignEnv,
        }),
    });
  }
  const nodePart = (name: NodePartName, after: readonly string[]): Part => ({
    name,
    after,
    start: (how) =>
      startChild({
        ...how,
        name,
        command: process.execPath,
        args: [...heapOptions(name), options.scripts[name]],
        env: partEnvironment(name, context, options.env),
        isReady: saysReady,
      }),
  });
  parts.push(
    nodePart('server', natsBinary === undefined ? ['postgres'] : ['postgres', 'nats']),
    nodePart('sandbox', ['postgres']),
    nodePart('reconcilers', ['server']),
    nodePart('agent', ['server']),
  );
  return parts;
}

/** True for a line of JSON whose `ready` is true. */
function saysReady(line: string): boolean {
  if (!line.includes('"ready"')) return false;
  try {
    return (JSON.parse(line) as { ready?: unknown }).ready === true;
  } catch {
    return false;
  }
}
