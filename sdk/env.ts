import { readFileSync } from 'node:fs';
import type { LogLevel } from './logger.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS: readonly [LogLevel, ...LogLevel[]] = ['debug', 'info', 'warn', 'error'];

/**
 * Reads a process's configuration from environment variables and collects every problem, so that a
 * person mends them all at once. An empty variable counts as unset. Values are never repeated in a
 * message where they may hold a secret.
 */
export class EnvReader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  /** @throws Error naming every variable that is missing or wrong. Call it after the last read. */
  check(): void {
    if (this.#problems.length === 0) return;
    throw new Error(`the configuration cannot be used: ${this.#problems.join('; ')}`);
  }

  optional(name: string): string | undefined {
    const value = this.#env[name] ?? '';
    return value === '' ? undefined : value;
  }

  required(name: string): string {
    return this.optional(name) ?? this.#fail(`${name} is not set`, '');
  }

  flag(name: string): boolean {
    const value = this.optional(name);
    if (value === undefined || value === '0' || value === 'false') return false;
    if (value === '1' || value === 'true') return true;
    return this.#fail(`${name} is "${value}"; want 1 or 0`, false);
  }

  integer(name: string, options: { min: number; max: number; byDefault: number }): number {
    const text = this.optional(name);
    if (text === undefined) return options.byDefault;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= options.min && value <= options.max) return value;
    return this.#fail(
      `${name} is "${text}"; want a whole number from ${options.min} to ${options.max}`,
      options.byDefault,
    );
  }

  /** THREEPORT_RESYNC_MS, default ten minutes, at most a day; undefined for 0, which means never. */
  resyncMs(): number | undefined {
    const limits = { min: 0, max: 86_400_000, byDefault: 600_000 };
    return this.integer('THREEPORT_RESYNC_MS', limits) || undefined;
  }

  /** A URL of one of these protocols: `https:`. */
  url(name: string, protocols: readonly string[]): string | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    // It may hold a password: it is not repeated.
    return this.#fail(`${name} is no URL that starts with ${protocols.join(' or ')}`, undefined);
  }

  requiredUrl(name: string, protocols: readonly string[]): string {
    if (this.optional(name) === undefined) return this.required(name);
    return this.url(name, protocols) ?? '';
  }

  /** The text of the file that the variable names. */
  file(name: string): string | undefined {
    const path = this.optional(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      return this.#fail(`${name}: cannot read ${path} (${code})`, undefined);
    }
  }

  requiredFile(name: string): string {
    if (this.optional(name) === undefined) return this.required(name);
    return this.file(name) ?? '';
  }

  /** Two variables that make sense only together. */
  bothOrNeither(one: string, other: string): void {
    if ((this.optional(one) === undefined) !== (this.optional(other) === undefined)) {
      this.#fail(`${one} and ${other}: set both or neither`, undefined);
    }
  }

  /** One of these words; without `byDefault` it must be set. */
  choice<Word extends string>(
    name: string,
    words: readonly [Word, ...Word[]],
    byDefault?: Word,
  ): Word {
    const value = this.optional(name) ?? byDefault;
    if (value === undefined) this.required(name);
    const word = words.find((one) => one === value);
    if (word !== undefined || value === undefined) return word ?? words[0];
    return this.#fail(`${name} is "${value}"; want ${words.join(' or ')}`, words[0]);
  }

  /**
   * THREEPORT_METRICS_PORT (0: any free one) of THREEPORT_METRICS_HOST (default 127.0.0.1). Undefined
   * when no port is set.
   */
  metricsAddress(): { readonly host: string; readonly port: number } | undefined {
    const host = this.optional('THREEPORT_METRICS_HOST') ?? '127.0.0.1';
    if (this.optional('THREEPORT_METRICS_PORT') === undefined) return undefined;
    const port = this.integer('THREEPORT_METRICS_PORT', { min: 0, max: 65_535, byDefault: 0 });
    return Object.freeze({ host, port });
  }

  /** THREEPORT_LOG_LEVEL. Default info. */
  logLevel(): LogLevel {
    return this.choice('THREEPORT_LOG_LEVEL', LOG_LEVELS, 'info');
  }

  #fail<T>(problem: string, instead: T): T {
    this.#problems.push(problem);
    return instead;
  }
}
