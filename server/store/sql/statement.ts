import { createHash } from 'node:crypto';

/** SQL compiled once. Its name makes each connection prepare it once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Doing it twice equals doing it once: it is sent again even when the connection was lost. */
  readonly repeatable: boolean;
  /** SQLSTATEs beside 40001 and 40P01 after which it is sent again. */
  readonly retryOn: readonly string[];
  /**
   * Runs in a transaction that has locked the revision counter first: its snapshot then has every
   * write of a lower version, which that of a statement by itself may lack.
   */
  readonly lockFirst: boolean;
  /** Its text is several statements that make up a transaction: without name and values. */
  readonly isTransaction: boolean;
}

/** `purpose` is for people, '' for text that is not prepared; statements with different text have different names. */
export function statement(
  purpose: string,
  text: string,
  options: {
    readonly repeatable?: boolean;
    readonly retryOn?: readonly string[];
    readonly lockFirst?: boolean;
    readonly isTransaction?: boolean;
  } = {},
): Statement {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return {
    name: purpose === '' ? '' : `${purpose.slice(0, 50)}_${hash}`,
    text,
    repeatable: options.repeatable ?? false,
    retryOn: options.retryOn ?? [],
    lockFirst: options.lockFirst ?? false,
    isTransaction: options.isTransaction ?? false,
  };
}

/** Told of each statement just before it is sent. For tests and metrics; must not throw. */
export type StatementObserver = (statement: {
  readonly name: string;
  readonly text: string;
}) => void;
