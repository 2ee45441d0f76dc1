import { readFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import {
  cpuMsOf,
  environmentOf,
  pssBytesOf,
  rssBytesOf,
  statFields,
  withChildren,
} from './proc.js';
import type { Plane } from '../../test/support/plane.js';

/** Everything that is counted, as it stands at one moment: differences of two are what is shown. */
export interface Sample {
  /** CPU used so far, in ms, by part; Postgres' backends, dead ones too, belong to `postgres`. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Requests answered so far, by `part method route`. */
  readonly requests: Readonly<Record<string, number>>;
  /** By database. */
  readonly databases: Readonly<Record<string, DatabaseSample>>;
  /** Bytes of write-ahead log, of all databases. */
  readonly walBytes: number;
}

export interface DatabaseSample {
  readonly commits: number;
  readonly revisions: number;
  /** By `table inserts|updates|deletes`. */
  readonly rowWrites: Readonly<Record<string, number>>;
}

export interface PartMemory {
  readonly part: string;
  readonly rssBytes: number;
  readonly pssBytes: number;
  readonly processes: number;
}

export const NODE_PARTS = ['server', 'sandbox', 'reconcilers', 'agent'] as const;
const DATABASES = ['threeport', 'sandbox'] as const;
/** An idle backend of Postgres tells what it did this much later at the latest. */
const STATISTICS_DELAY_MS = 10_200;

/** Reads the counters of a running plane. Linux only: it reads /proc. */
export class PlaneMeter {
  readonly #plane: Plane;
  readonly #requestsDir: string;
  readonly #clients: Readonly<Record<string, Client>>;

  private constructor(plane: Plane, requestsDir: string, clients: Record<string, Client>) {
    this.#plane = plane;
    this.#requestsDir = requestsDir;
    this.#clients = clients;
  }

  /** A folder for `BENCH_REQUESTS_DIR`, to be set before the plane is started. */
  static makeRequestsDir(): Promise<string> {
    return mkdtemp(join(tmpdir(), 'threeport-bench-'));
  }

  static async open(plane: Plane, requestsDir: string): Promise<PlaneMeter> {
    const clients: Record<string, Client> = {};
    for (const [database, part] of [
      ['threeport', 'server'],
      ['sandbox', 'sandbox'],
    ] as const) {
      const url = environmentOf(plane.pidOf(part))['THREEPORT_DATABASE_URL'];
      const client = new Client({ connectionString: url, application_name: 'bench' });
      await client.connect();
      clients[database] = client;
    }
    return new PlaneMeter(plane, requestsDir, clients);
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#clients)) await client.end();
    await rm(this.#requestsDir, { recursive: true, force: true });
  }

  async sample(): Promise<Sample> {
    await delay(STATISTICS_DELAY_MS);
    const databases: Record<string, DatabaseSample> = {};
    for (const database of DATABASES) databases[database] = await this.#databaseSample(database);
    return {
      cpuMs: this.#cpuMs(),
      requests: await this.#requests(),
      databases,
      walBytes: Number(
        await this.#number('threeport', `SELECT pg_current_wal_insert_lsn() - '0/0' AS n`),
      ),
    };
  }

  /** Revisions of one database's log after a version: how many of which object and type. */
  async revisionsAfter(database: string, version: number): Promise<Record<string, number>> {
    const { rows } = await this.#client(database).query<{ what: string; n: string }>(
      `SELECT resource || ' ' || type AS what, count(*) AS n FROM revisions
       WHERE resource_version > $1 GROUP BY 1 ORDER BY 1`,
      [version],
    );
    return Object.fromEntries(rows.map(({ what, n }) => [what, Number(n)]));
  }

  async version(database: string): Promise<number> {
    return Number(await this.#number(database, 'SELECT value AS n FROM revision_counter'));
  }

  /** How often objects of a kind were claimed in all, now that they are there. */
  async claims(table: string): Promise<number> {
    return Number(
      await this.#number('threeport', `SELECT coalesce(sum(fence), 0) AS n FROM "${table}"`),
    );
  }

  memory(): PartMemory[] {
    const memories: PartMemory[] = [];
    for (const [part, pids] of this.#processes()) {
      const [rssBytes, pssBytes] = [rssBytesOf(pids), pssBytesOf(pids)];
      memories.push({ part, rssBytes, pssBytes, processes: pids.length });
    }
    return memories;
  }

  async #databaseSample(database: string): Promise<DatabaseSample> {
    const { rows } = await this.#client(database).query<Record<string, string>>(
      'SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables',
    );
    const rowWrites: Record<string, number> = {};
    for (const row of rows) {
      rowWrites[`${row['relname']} inserts`] = Number(row['n_tup_ins']);
      rowWrites[`${row['relname']} updates`] = Number(row['n_tup_upd']);
      rowWrites[`${row['relname']} deletes`] = Number(row['n_tup_del']);
    }
    const commits = `SELECT xact_commit AS n FROM pg_stat_database WHERE datname = '${database}'`;
    return {
      commits: Number(await this.#number(database, commits)),
      revisions: await this.version(database),
      rowWrites,
    };
  }

  #cpuMs(): Record<string, number> {
    return Object.fromEntries([...this.#processes()].map(([part, pids]) => [part, cpuMsOf(pids)]));
  }

  async #requests(): Promise<Record<string, number>> {
    const all: Record<string, number> = {};
    for (const part of NODE_PARTS) {
      const pid = this.#plane.pidOf(part);
      const file = join(this.#requestsDir, `${pid}.json`);
      const before = (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
      process.kill(pid, 'SIGUSR2');
      for (let tries = 0; tries < 100; tries++) {
        await delay(10);
        if (((await stat(file).catch(() => undefined))?.mtimeMs ?? 0) > before) break;
      }
      const counts = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
      for (const [route, count] of Object.entries(counts)) all[`${part} ${route}`] = count;
    }
    return all;
  }

  /** Pids by part; a part's own children are among them. */
  #processes(): Map<string, number[]> {
    const supervisor = Number(statFields(this.#plane.pidOf('server'))[1]);
    return new Map([
      ['supervisor', [supervisor]],
      ['postgres', withChildren(this.#plane.pidOf('postgres'))],
      ['nats', [this.#plane.pidOf('nats')]],
      ...NODE_PARTS.map((part): [string, number[]] => [part, [this.#plane.pidOf(part)]]),
    ]);
  }

  #client(database: string): Client {
    const client = this.#clients[database];
    if (client === undefined) throw new Error(`no connection to the database "${database}"`);
    return client;
  }

  async #number(database: string, text: string): Promise<string | undefined> {
    const { rows } = await this.#client(database).query<{ n: string }>(text);
    return rows[0]?.n;
  }
}
