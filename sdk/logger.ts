import winston from 'winston';

export type LogFields = Readonly<Record<string, unknown>>;

/** Messages are constant text; whatever varies goes into `fields`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What JSON leaves as it is and terminals obey: C1 controls, line separators, changes of direction. */
const OBEYED = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The same JSON, with nothing in it that would change how a terminal shows the lines around. */
export function safeJsonLine(line: object): string {
  return JSON.stringify(line).replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Writes one JSON object a line to standard output: `{level, message, time, part, ...fields}`. Text
 * in it, whoever wrote that, begins no line and moves no cursor.
 */
export function createLogger(part: string, level: LogLevel = 'info'): Logger {
  const root = winston.createLogger({
    level,
    defaultMeta: { part },
    format: winston.format.combine(
      winston.format.timestamp({ alias: 'time' }),
      winston.format.printf(({ timestamp: _timestamp, ...line }) => safeJsonLine(line)),
    ),
    transports: [new winston.transports.Console()],
  });
  return wrap(root);
}

function wrap(logger: winston.Logger): Logger {
  return {
    debug: (message, fields) => void logger.debug(message, fields),
    info: (message, fields) => void logger.info(message, fields),
    warn: (message, fields) => void logger.warn(message, fields),
    error: (message, fields) => void logger.error(message, fields),
    with: (fields) => wrap(logger.child(fields)),
  };
}

/** Says nothing: for tests and defaults. */
export const nopLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => nopLogger,
};
