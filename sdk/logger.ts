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

/** Writes one JSON object a line to standard output: `{level, message, time, part, ...fields}`. */
export function createLogger(part: string, level: LogLevel = 'info'): Logger {
  const root = winston.createLogger({
    level,
    defaultMeta: { part },
    format: winston.format.combine(
      winston.format.timestamp({ alias: 'time' }),
      winston.format.printf(({ timestamp: _timestamp, ...line }) => JSON.stringify(line)),
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
