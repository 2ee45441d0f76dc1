import { Client } from 'pg';

/** What our own log says of writes: exact, whatever else the machine does. */
export class WriteLog {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(connectionString: string): Promise<WriteLog> {
    const client = new Client({ connectionString, application_name: 'bench' });
    await client.connect();
    return new WriteLog(client);
  }

  async version(): Promise<string> {
    const { rows } = await this.#client.query<{ value: string }>(
      'SELECT value FROM revision_counter',
    );
    return rows[0]?.value ?? '0';
  }

  /** How many commits there were for one of the writes after a version; undefined: there were none. */
  async commitsPerWrite(version: string): Promise<number | undefined> {
    const { rows } = await this.#client.query<{ share: number | null }>(
      `SELECT count(DISTINCT xmin::text)::float / nullif(count(*), 0) AS share
       FROM revisions WHERE resource_version > $1`,
      [version],
    );
    return rows[0]?.share ?? undefined;
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
