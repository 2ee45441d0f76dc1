/**
 * Watchers by the thousand on one server: `node dist/hack/bench/watch.js [watchers] [events per second]
 * [seconds]`; default 5,000, 50 and 20. One in a hundred does not read. The watchers are processes of
 * their own; those few by which delays are measured do not share one with the many, who give way to
 * all others. Run it as `chrt -r 8 node ...` where others use the machine. Environment: `BENCH_PLAIN=1`
 * for no TLS, `BENCH_PROFILE=<folder>` for a CPU profile of the server.
 */
import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stopTestPostgres, testDatabase } from '../../test/support/postgres.js';
import { freePort } from '../../tptctl/embedded/ports.js';
import type { TlsFiles } from '../../tptctl/embedded/tls-files.js';
import { ensureTlsFiles } from '../../tptctl/embedded/tls-files.js';
import { bytes, loadAverage, milliseconds, quantile, report, title } from './bench-table.js';
import { cpuMsOf, rssBytesOf, statFields } from './proc.js';
import type {
  FollowersAnswer,
  FollowersCommand,
  FollowersOptions,
  Replay,
} from './watch-followers.js';
import { digestOf } from './watch-followers.js';

const TOKEN = 'x'.repeat(32);
const MAPS = '/api/v1/namespaces/default/configmaps';
const PROCESSES = 2;
const PROBES = 20;
/** What sched_setscheduler(2) calls SCHED_RR. */
const ROUND_ROBIN = '2';
/** An event has some 700 bytes with it. */
const TEXT = 'a note of some length, as people write them into their objects '.repeat(3);

type Reached = Extract<FollowersAnswer, { type: 'reached' }>;

async function main(watchers: number, perSecond: number, seconds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'threeport-watch-'));
  const database = await testDatabase();
  const server = await Server.start(folder, database.url);
  const crowd = new Crowd(PROCESSES);
  const probes = new Crowd(1);
  try {
    report('load average', loadAverage());
    const writer = new Writer(server);
    await writer.warmUp();
    const quietBytes = server.rssBytes();
    await openAll(crowd, server, writer, watchers);
    crowd.giveWay();
    await probes.open({ ...followersOf(server, writer), followers: PROBES, areMeasuring: true });
    const memory = server.rssBytes() - quietBytes;
    report('memory of the server, each watcher', bytes(memory / watchers));

    title(`${watchers} watchers, ${perSecond} events/s for ${seconds} s, 1 % do not read`);
    await measure({ crowd, probes, server, writer }, () => writer.write(perSecond, seconds));

    title('as fast as it can be written, 10 s');
    await measure({ crowd, probes, server, writer }, () => writer.writeMany(10));

    title('all break off and come back at once, while it goes on');
    await measure({ crowd, probes, server, writer }, async () => {
      const writing = writer.write(perSecond, 15);
      const startedAt = performance.now();
      await crowd.ask({ type: 'storm' });
      report('until all watch again', milliseconds(performance.now() - startedAt));
      await writing;
    });
  } finally {
    crowd.close();
    probes.close();
    await server.stop();
    await database.drop();
    await stopTestPostgres();
    await rm(folder, { recursive: true });
  }
}

async function openAll(
  crowd: Crowd,
  server: Server,
  writer: Writer,
  watchers: number,
): Promise<void> {
  const cpuBeforeMs = server.cpuMs();
  const startedAt = performance.now();
  await crowd.open({
    ...followersOf(server, writer),
    followers: watchers / PROCESSES,
    readingNothing: Math.floor(watchers / PROCESSES / 100),
  });
  const elapsedMs = performance.now() - startedAt;
  report(`${watchers} watchers begin`, milliseconds(elapsedMs));
  report('CPU of the server, each', milliseconds((server.cpuMs() - cpuBeforeMs) / watchers));
}

function followersOf(server: Server, writer: Writer): FollowersOptions {
  return {
    port: server.port,
    ...(server.tls !== undefined && { caFile: server.tls.caFile }),
    token: TOKEN,
    path: `${MAPS}?watch=1`,
    version: writer.version,
    followers: 0,
    readingNothing: 0,
    areMeasuring: false,
  };
}

interface Parts {
  readonly crowd: Crowd;
  readonly probes: Crowd;
  readonly server: Server;
  readonly writer: Writer;
}

async function measure(
  { crowd, probes, server, writer }: Parts,
  write: () => Promise<void>,
): Promise<void> {
  const before = { cpuMs: server.cpuMs(), deliveries: crowd.deliveries, events: writer.events };
  const startedAt = performance.now();
  await write();
  const [probe] = await probes.until(writer.version);
  const reached = await crowd.until(writer.version);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = (server.cpuMs() - before.cpuMs) / 1_000;
  const deliveries = crowd.deliveries - before.deliveries;
  report('events/s', ((writer.events - before.events) / seconds).toFixed(0));
  report('deliveries/s', (deliveries / seconds).toFixed(0));
  report('deliveries/s for each core of the server', (deliveries / cpuSeconds).toFixed(0));
  report('CPU of the server', `${((100 * cpuSeconds) / seconds).toFixed(0)} %`);
  report('write sent -> delivered, p50', milliseconds(probe?.p50Ms ?? Number.NaN));
  report('write sent -> delivered, p99', milliseconds(probe?.p99Ms ?? Number.NaN));
  report('write sent -> delivered, longest', milliseconds(probe?.longestMs ?? Number.NaN));
  report('write sent -> answered, p99', milliseconds(quantile(writer.takeTimes(), 0.99)));
  report('memory of the server', bytes(server.rssBytes()));
  report('streams cut so far', String(reached.reduce((sum, { cut }) => sum + cut, 0)));
  const all = [...reached, ...(probe === undefined ? [] : [probe])];
  const gaps = all.flatMap(({ replays }) => replays).filter((replay) => !writer.is(replay));
  report('watchers whose replay is not the log', String(gaps.length));
  if (gaps.length > 0) process.exitCode = 1;
}

/** The server, a process of its own. */
class Server {
  readonly port: number;
  readonly tls: TlsFiles | undefined;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  private constructor(child: ChildProcess, port: number, tls: TlsFiles | undefined) {
    this.#child = child;
    this.port = port;
    this.tls = tls;
  }

  static async start(folder: string, databaseUrl: string): Promise<Server> {
    const isPlain = process.env['BENCH_PLAIN'] === '1';
    const tls = isPlain ? undefined : await ensureTlsFiles(folder);
    const profile = process.env['BENCH_PROFILE'];
    const tokensFile = join(folder, 'tokens.json');
    const keyFile = join(folder, 'key');
    const tokens = [{ token: TOKEN, user: 'bench', groups: ['system:masters'] }];
    await writeFile(tokensFile, JSON.stringify(tokens));
    await writeFile(keyFile, Buffer.alloc(32, 7).toString('base64'));
    const port = await freePort();
    const child = fork(join(import.meta.dirname, '../../server/main.js'), {
      silent: true,
      execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
      env: {
        ...process.env,
        THREEPORT_LISTEN_PORT: String(port),
        ...(tls !== undefined && {
          THREEPORT_TLS_CERT_FILE: tls.certFile,
          THREEPORT_TLS_KEY_FILE: tls.keyFile,
        }),
        THREEPORT_TOKENS_FILE: tokensFile,
        THREEPORT_DATABASE_URL: databaseUrl,
        THREEPORT_ENCRYPTION_KEY_FILE: keyFile,
        THREEPORT_LOG_LEVEL: 'error',
      },
    });
    child.stderr?.pipe(process.stderr);
    const server = new Server(child, port, tls);
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      if (await server.call('GET', '/readyz').catch(() => undefined)) return server;
      await delay(20);
    }
  }

  cpuMs(): number {
    return cpuMsOf([this.#child.pid ?? 0]);
  }

  rssBytes(): number {
    return rssBytesOf([this.#child.pid ?? 0]);
  }

  /** The text of the answer. */
  async call(method: string, path: string, body?: unknown): Promise<string> {
    const options = {
      method,
      port: this.port,
      path,
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    };
    const outgoing =
      this.tls === undefined
        ? requestPlain(options)
        : requestTls({ ...options, agent: this.#agent });
    const text = await new Promise<string>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve(received);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${received}`));
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
    return text;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Writes one event after the other, and knows what every watcher must have seen. */
class Writer {
  readonly #server: Server;
  #turn = 0;
  #times: number[] = [];
  #digest = 0;
  /** In the order of their answers, which need not be that of the log. */
  #unsettled: number[] = [];
  events = 0;
  version = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  async warmUp(): Promise<void> {
    for (let i = 0; i < 200; i++) await this.#one();
    this.events = 0;
    this.#unsettled = [];
  }

  /** At a fixed rate: a write that is late does not put off the next. */
  async write(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    const writes: Promise<void>[] = [];
    for (let i = 0; i < perSecond * seconds; i++) {
      const waitMs = startedAt + (i * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await delay(waitMs);
      writes.push(this.#one());
    }
    await Promise.all(writes);
    this.#settle();
  }

  /** One after the other, four at once. */
  async writeMany(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1_000;
    const loop = async (): Promise<void> => {
      while (performance.now() < until) await this.#one();
    };
    await Promise.all(Array.from({ length: 4 }, loop));
    this.#settle();
  }

  takeTimes(): readonly number[] {
    const times = this.#times;
    this.#times = [];
    return times;
  }

  is({ events, digest }: Replay): boolean {
    return events === this.events && digest === this.#digest;
  }

  #settle(): void {
    for (const version of this.#unsettled.toSorted((a, b) => a - b)) {
      this.#digest = digestOf(this.#digest, version);
    }
    this.#unsettled = [];
  }

  async #one(): Promise<void> {
    const name = `m-${this.#turn++ % 500}`;
    const sentAt = performance.now();
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { sent: String(Date.now()), text: TEXT, turn: String(this.#turn) },
    };
    const text =
      this.#turn <= 500
        ? await this.#server.call('POST', MAPS, body)
        : await this.#server.call('PUT', `${MAPS}/${name}`, body);
    this.#times.push(performance.now() - sentAt);
    const { metadata } = JSON.parse(text) as { metadata: { resourceVersion: string } };
    const version = Number(metadata.resourceVersion);
    this.#unsettled.push(version);
    this.version = Math.max(this.version, version);
    this.events += 1;
  }
}

/** Processes full of watchers. */
class Crowd {
  readonly #children: readonly ChildProcess[];
  #deliveries = 0;

  constructor(processes: number) {
    const program = join(import.meta.dirname, 'watch-followers.js');
    this.#children = Array.from({ length: processes }, () => fork(program));
  }

  /** They wait for the server and the probes, not the other way round. */
  giveWay(): void {
    for (const { pid = 0 } of this.#children) {
      // A crowd in real time would starve the kernel's own threads, which bring it what it waits for.
      if (statFields(pid)[38] === ROUND_ROBIN) spawnSync('chrt', ['-o', '-p', '0', String(pid)]);
      setPriority(pid, 5);
    }
  }

  /** By those that read, all together. */
  get deliveries(): number {
    return this.#deliveries;
  }

  async open(options: FollowersOptions): Promise<void> {
    await this.ask({ type: 'open', options });
  }

  async until(version: number): Promise<readonly Reached[]> {
    const reached = (await this.ask({ type: 'until', version })) as Reached[];
    this.#deliveries = reached.reduce((sum, { deliveries }) => sum + deliveries, 0);
    return reached;
  }

  async ask(command: FollowersCommand): Promise<FollowersAnswer[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        const answered = once(child, 'message');
        child.send(command);
        const [answer] = (await answered) as [FollowersAnswer];
        return answer;
      }),
    );
  }

  close(): void {
    for (const child of this.#children) child.disconnect();
  }
}

const [watchers = '5000', perSecond = '50', seconds = '20'] = process.argv.slice(2);
await main(Number(watchers), Number(perSecond), Number(seconds));
