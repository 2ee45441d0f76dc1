import { readFileSync } from 'node:fs';

import type { LogLevel } from '../sdk/logger.js';

/** How this process reaches Threeport's API and the broker. */
export interface ReconcilersConfig {
  readonly server: string;
  /** PEM. Absent: the system's authorities. */
  readonly ca?: string;
  readonly token: string;
  /** Absent: no hints come; due work is found by sweeping. */
  readonly natsUrl?: string;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

/**
 * Reads THREEPORT_SERVER, THREEPORT_TOKEN_FILE, and optionally THREEPORT_CA_FILE, THREEPORT_NATS_URL
 * and THREEPORT_LOG_LEVEL (default info), and the files they name.
 *
 * @throws Error naming every variable that is wrong.
 */
export function readConfig(env: Environment = process.env): ReconcilersConfig {
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const server = attempt(() => urlOf(env, 'THREEPORT_SERVER', ['https:', 'http:']));
  const token = attempt(() => fileOf(env, 'THREEPORT_TOKEN_FILE')?.trim());
  const ca = attempt(() => fileOf(env, 'THREEPORT_CA_FILE'));
  const natsUrl = attempt(() => urlOf(env, 'THREEPORT_NATS_URL', ['nats:', 'tls:']));
  const logLevel = attempt(() => logLevelOf(env));
  if (server === undefined && isUnset(env, 'THREEPORT_SERVER')) {
    problems.push('THREEPORT_SERVER is not set');
  }
  if (token === undefined && isUnset(env, 'THREEPORT_TOKEN_FILE')) {
    problems.push('THREEPORT_TOKEN_FILE is not set');
  }
  if (problems.length > 0 || server === undefined || token === undefined) {
    throw new Error(`the configuration cannot be used: ${problems.join('; ')}`);
  }
  return Object.freeze({
    server,
    token,
    ...(ca !== undefined && { ca }),
    ...(natsUrl !== undefined && { natsUrl }),
    logLevel: logLevel ?? 'info',
  });
}

function isUnset(env: Environment, name: string): boolean {
  return (env[name] ?? '') === '';
}

function urlOf(env: Environment, name: string, protocols: readonly string[]): string | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  // The value may hold a password: it is not repeated.
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new Error(`${name} is no URL that starts with ${protocols.join(' or ')}`);
  }
  return value;
}

function fileOf(env: Environment, name: string): string | undefined {
  const file = env[name] ?? '';
  if (file === '') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${name}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}

function logLevelOf(env: Environment): LogLevel {
  const level = env['THREEPORT_LOG_LEVEL'] || 'info';
  if (!LOG_LEVELS.includes(level)) {
    throw new Error(`THREEPORT_LOG_LEVEL is "${level}"; want one of ${LOG_LEVELS.join(', ')}`);
  }
  return level as LogLevel;
}
