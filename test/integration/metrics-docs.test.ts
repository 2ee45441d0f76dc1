import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { createTelemetry } from '../../sdk/run/telemetry.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createControlPlane } from '../../server/control-plane.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { testDatabase } from '../support/postgres.js';

const TOKEN = 'admin-token-for-tests';

/** `name type` of each metric in the text. */
function told(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
}

async function ofServer(): Promise<string> {
  const database = await testDatabase();
  const plane = createControlPlane({
    store: new SqlObjectStore({ connectionString: database.url, kinds }),
    registry: new KindRegistry(kinds),
    queue: new InProcessQueue(),
    authenticator: createTokenAuthenticator([
      { token: TOKEN, user: 'admin', groups: ['system:masters'] },
    ]),
    logger: nopLogger,
    version: '0.0.0',
    listen: { host: '127.0.0.1', port: 0 },
  });
  await plane.start(new AbortController().signal);
  try {
    const ask = (method: 'GET' | 'POST', path: string) =>
      fetch(`${plane.address}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
    await ask('POST', '/threeport/v1/claim');
    const payload = await (await ask('GET', '/metrics')).text();
    expect(payload).to.match(
      /^threeport_work_calls_total\{call="claim",outcome="BadRequest"\} 1$/m,
    );
    expect(payload).to.match(/^threeport_work_due\{.*resource="workloads"\} 0$/m);
    expect(payload).to.match(/^threeport_notifier_lag_revisions \d+$/m);
    return payload;
  } finally {
    await plane.stop();
    await database.drop();
  }
}

async function ofWorker(): Promise<string> {
  const telemetry = createTelemetry({ host: '127.0.0.1', port: 0 });
  await telemetry.start(new AbortController().signal);
  try {
    return await (await fetch(`${telemetry.address}/metrics`)).text();
  } finally {
    await telemetry.stop();
  }
}

describe('docs/metrics.md', function () {
  this.timeout(90_000);

  it('has every metric that a process tells, of its type, and no other', async () => {
    const docs = readFileSync('docs/metrics.md', 'utf8');
    const rows = [...docs.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \|/gm)];
    const documented = (processes: readonly string[]): string[] =>
      rows
        .filter(([, , , process]) => processes.includes(process ?? ''))
        .map(([, name, type]) => `${name} ${type}`);
    expect(told(await ofServer())).to.have.members(documented(['server', 'all']));
    expect(told(await ofWorker())).to.have.members(documented(['reconcilers', 'all']));
  });

  it('asks and warns by metrics that there are', () => {
    const docs = readFileSync('docs/metrics.md', 'utf8');
    const [table = '', examples = ''] = docs.split('## Questions and alerts');
    const named = [...examples.matchAll(/\bthreeport_\w+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    );
    expect(named).not.to.deep.equal([]);
    for (const name of named) expect(table).to.include(`\`${name}\``);
  });
});
