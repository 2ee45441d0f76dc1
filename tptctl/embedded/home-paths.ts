import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** Where everything of one embedded control plane lies. All absolute. */
export interface HomePaths {
  readonly home: string;
  /** The kubeconfig for people: contexts `threeport` (current) and `sandbox`. Mode 0600. */
  readonly kubeconfig: string;
  readonly settings: string;
  readonly tlsDir: string;
  readonly tokens: string;
  readonly encryptionKey: string;
  readonly natsDir: string;
  readonly logsDir: string;
  /** Of no worth after the supervisor has ended, except to find what it left behind. Mode 0700. */
  readonly runDir: string;
  readonly lock: string;
  readonly state: string;
  logFile(part: string): string;
}

/** `--home` if given, else THREEPORT_HOME of `env`, else `~/.threeport`. */
export function resolveHome(flag: string | undefined, env: NodeJS.ProcessEnv): string {
  const chosen = flag ?? env['THREEPORT_HOME'];
  if (chosen === undefined || chosen === '') return join(homedir(), '.threeport');
  return isAbsolute(chosen) ? resolve(chosen) : resolve(process.cwd(), chosen);
}

export function homePaths(home: string): HomePaths {
  const runDir = join(home, 'run');
  const logsDir = join(home, 'logs');
  return {
    home,
    kubeconfig: join(home, 'config'),
    settings: join(home, 'settings.json'),
    tlsDir: join(home, 'tls'),
    tokens: join(home, 'tokens.json'),
    encryptionKey: join(home, 'encryption.key'),
    natsDir: join(home, 'nats'),
    logsDir,
    runDir,
    lock: join(runDir, 'supervisor.lock'),
    state: join(runDir, 'state.json'),
    logFile: (part) => join(logsDir, `${part}.log`),
  };
}

/** The names in a home that are ours: what a purge removes. */
export const HOME_ENTRIES: readonly string[] = [
  'config',
  'settings.json',
  'tls',
  'tokens.json',
  'encryption.key',
  'postgres',
  'postgres.initdb',
  'postgres-native',
  'postgres-socket',
  'nats',
  'run',
  'logs',
];
