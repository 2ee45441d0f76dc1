import type { StoreCounts } from '../object-store.js';
import { faultOf } from './database-errors.js';
import type { Statement } from './statement.js';

type StatementType = keyof StoreCounts['statements'];

const WRITES = /\b(?:insert into|update|delete from)\b/i;
const LOCKS = /\bfor update\b/gi;
const types = new WeakMap<Statement, StatementType>();

/** Whether a statement changes anything: what commits then is paid for by a sync of the disk. */
export function statementType(statement: Statement): StatementType {
  let type = types.get(statement);
  if (type === undefined) {
    type = WRITES.test(statement.text.replaceAll(LOCKS, '')) ? 'write' : 'read';
    types.set(statement, type);
  }
  return type;
}

/** Counts what is sent to a database. */
export class StatementCounter {
  readonly #statements = { read: 0, write: 0, lock: 0, schema: 0 };
  readonly #failures: Record<string, number> = {};
  #commits = 0;

  get counts(): Omit<StoreCounts, 'connections'> {
    return { statements: this.#statements, commits: this.#commits, failures: this.#failures };
  }

  sent(type: StatementType): void {
    this.#statements[type] += 1;
  }

  committed(): void {
    this.#commits += 1;
  }

  failed(error: unknown): void {
    const fault = faultOf(error);
    this.#failures[fault] = (this.#failures[fault] ?? 0) + 1;
  }
}
