import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledQuery } from 'kysely';
import {
  Client,
  Pool,
  types as pgTypes,
  type ClientBase,
  type CustomTypesConfig,
  type QueryResultRow,
} from 'pg';
import { ApiError } from '../../../sdk/api/errors.js';
import { codeOf, faultOf, toStoreError } from './database-errors.js';
import type { StoreCounts } from '../object-store.js';
import { StatementCounter, statementType } from './statement-counter.js';
import type { Statement, StatementObserver } from './statement.js';

export interface DatabaseOptions {
  /** `postgresql://user@host:port/database`, or a unix socket by `?host=/folder`. */
  readonly connectionString: string;
  /** Default 8. */
  readonly maxConnections?: number;
  readonly observe?: StatementObserver;
}

const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 5_000;
/** Above the server's own limit, so that it only strikes when the server does not answer at all. */
const ANSWER_TIMEOUT_MS = 6_000;
/** No attempt begins later than this after the call. */
const GIVE_UP_AFTER_MS = 3_000;
const START_RETRY_MS = 100;
/** A connection keeps its plans, some MB: those that a burst needed are closed soon after it. */
const IDLE_TIMEOUT_MS = 15_000;
/** A process that stops between two statements must not hold the counter from everybody else. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 2_000;
const INT8_OID = 20;

const LOCK_COUNTER = 'BEGIN; SELECT value FROM revision_counter WHERE id = 1 FOR UPDATE';

/**
 * Planning a write takes longer than executing it, and its plan does not depend on the values; left to
 * itself PostgreSQL plans anew each time, since one array element looks cheaper than the usual ten.
 */
const PLAN_ONCE = 'SET plan_cache_mode = force_generic_plan';

/** int8 as number: versions stay far below 2^53. Everything else as pg has it. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === INT8_OID ? Number : pgTypes.getTypeParser(oid, format)) as typeof pgTypes.getTypeParser,
};

/**
 * Connections, retries and errors: the one way to the database. Each statement is its own
 * transaction, with the lock before it where it asks for that. Failed attempts are repeated where
 * nothing can have taken effect.
 */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #pool: Pool;
  readonly #closing = new AbortController();
  readonly #counter = new StatementCounter();
  /** While true each call tries once: the first to fail has waited long enough for all. */
  #away = false;
  #ended: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = new Pool({
      connectionString: options.connectionString,
      application_name: 'threeport',
      max: options.maxConnections ?? 8,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      types,
      onConnect: prepareConnection,
    });
    // A connection that dies, idle or busy, is dropped by the pool; the statement on it fails by itself.
    this.#pool.on('error', () => undefined);
  }

  get counts(): StoreCounts {
    const { totalCount: open, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { ...this.#counter.counts, connections: { open, idle, waiting } };
  }

  /** @throws ApiError ServiceUnavailable after about 3 s without success; Error for a fault of ours. */
  async run<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
    for (let attempt = 1; ; attempt++) {
      const progress = { sent: false };
      try {
        const rows = await this.#attempt<Row>(statement, values, progress);
        this.#away = false;
        return rows;
      } catch (error) {
        this.#counter.failed(error);
        const pauseMs = Math.min(5 * 2 ** attempt, 500) * (0.5 + Math.random());
        const isAway = faultOf(error) === 'connection';
        const tooLate = Date.now() + pauseMs > giveUpAt || (isAway && this.#away);
        if (tooLate || !mayRepeat(error, statement, progress.sent)) {
          this.#away = isAway && !progress.sent;
          throw toStoreError(error, statement.name, progress.sent);
        }
        await delay(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Runs what Kysely compiled. Such statements are not prepared. */
  async query<Row>(query: CompiledQuery<Row>, options: { repeatable: boolean }): Promise<Row[]> {
    const compiled: Statement = {
      name: '',
      text: query.sql,
      repeatable: options.repeatable,
      retryOn: [],
      lockFirst: false,
      isTransaction: false,
    };
    return this.run<Row & QueryResultRow>(compiled, query.parameters);
  }

  /** Tries until a connection is made. @throws the reason of `signal` when it aborts. */
  async waitUntilReachable(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        (await this.#pool.connect()).release();
        return;
      } catch (error) {
        if (faultOf(error) !== 'connection') {
          throw new Error('cannot log in to the database; check its URL', { cause: error });
        }
      }
      await delay(START_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Runs schema statements, one after the other, on a connection without time limits. */
  async changeSchema(statements: readonly string[]): Promise<void> {
    const { connectionString } = this.#options;
    const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (const text of statements) await this.#changeOnce(client, text);
    } catch (error) {
      throw toStoreError(error, 'that changes the schema');
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Waits for running statements, then closes. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#ended ??= this.#pool.end();
    return this.#ended;
  }

  async #attempt<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
    progress: { sent: boolean },
  ): Promise<Row[]> {
    if (this.#closing.signal.aborted) {
      throw new ApiError('ServiceUnavailable', 'the object store is stopped');
    }
    const client = await this.#pool.connect();
    try {
      progress.sent = true;
      if (statement.lockFirst) {
        this.#counter.sent('lock');
        this.#options.observe?.({ name: 'lock_counter', text: LOCK_COUNTER });
        await client.query(LOCK_COUNTER);
      }
      const type = statementType(statement);
      this.#counter.sent(type);
      this.#options.observe?.(statement);
      const { rows } = await client.query<Row>({
        ...(statement.name !== '' && { name: statement.name }),
        text: statement.text,
        values: [...values],
      });
      if (statement.lockFirst) await client.query('COMMIT');
      if (type === 'write') this.#counter.committed();
      client.release();
      return rows;
    } catch (error) {
      // A connection that may be within a transaction is not used again: its end is a rollback.
      const mayBeWithin = statement.lockFirst || statement.isTransaction;
      const isLost = mayBeWithin || faultOf(error) === 'connection';
      client.release(isLost ? true : undefined);
      throw error;
    }
  }

  /** Schema statements are idempotent, yet two processes may meet in one: then it is sent again. */
  async #changeOnce(client: Client, text: string): Promise<void> {
    const metAnother = ['23505', '42P07', '42701', '42710', 'XX000', '40001', '40P01'];
    for (let attempt = 1; ; attempt++) {
      try {
        this.#counter.sent('schema');
        this.#options.observe?.({ name: 'schema', text });
        await client.query(text);
        return;
      } catch (error) {
        if (attempt >= 10 || !metAnother.includes(codeOf(error))) throw error;
        await delay(20 * attempt * Math.random());
      }
    }
  }
}

function mayRepeat(error: unknown, statement: Statement, sent: boolean): boolean {
  if (error instanceof ApiError) return false;
  const fault = faultOf(error);
  if (fault === 'serialization' || statement.retryOn.includes(codeOf(error))) return true;
  return fault === 'connection' && (!sent || statement.repeatable);
}

async function prepareConnection(client: ClientBase): Promise<void> {
  client.on('error', () => undefined);
  try {
    await client.query(PLAN_ONCE);
  } catch (error) {
    // Where the setting is not known (old CockroachDB), statements are planned as they come.
    if (faultOf(error) === 'connection') throw error;
  }
}
