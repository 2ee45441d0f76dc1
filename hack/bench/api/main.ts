/**
 * The API under load, beside the real kube-apiserver and etcd where they are there, in one
 * interleaved run: `node dist/hack/bench/api/main.js [objects] [rounds]`; default 1,000 and 5. Both
 * sync their commits. Trust the ratios and the CPU: rates belong to the machine of the day.
 */
import { bytes, loadAverage, quantile, report, title } from '../bench-table.js';
import { pssBytesOf, rssBytesOf } from '../proc.js';
import type { Measurement } from './load.js';
import { Load } from './load.js';
import type { Target } from './target.js';
import { startKubernetes, startThreeport } from './target.js';

const PHASE_MS = 2_000;
const WATCHERS = 50;

interface Loaded {
  readonly target: Target;
  readonly load: Load;
}

type Measure = (load: Load) => Promise<Measurement>;

async function main(objects: number, rounds: number, signal: AbortSignal): Promise<void> {
  const loaded: Loaded[] = [];
  try {
    for (const start of [startThreeport, startKubernetes]) {
      signal.throwIfAborted();
      const target = await start();
      if (target !== undefined) loaded.push({ target, load: await Load.open(target) });
    }
    for (const each of loaded) await fill(each, objects, signal);
    for (const operation of ['create', 'update', 'get'] as const) {
      title(`${operation}, ${objects} objects`);
      for (const clients of [1, 16, 64]) {
        const measure: Measure = (load) => load.run(operation, clients, PHASE_MS);
        await compare(loaded, `${clients} at once`, rounds, measure, signal);
      }
    }
    title(`lists of ${objects} objects`);
    for (const [what, query] of [
      ['a page of 500', 'limit=500'],
      ['by a label that one has', 'labelSelector=app%3Dw-7'],
      ['a page of 500 of half of all', 'limit=500&labelSelector=half%3Deven'],
    ] as const) {
      await compare(loaded, what, rounds, (load) => load.list(query, PHASE_MS), signal);
    }
    await compare(loaded, 'all, in pages of 500', 1, (load) => load.listAll(), signal);
    title(`updates by 16, followed by ${WATCHERS} watchers`);
    const watched: Measure = (load) => load.watch(WATCHERS, PHASE_MS, signal);
    await compare(loaded, 'deliveries', rounds, watched, signal);
    title('memory, RSS / PSS');
    for (const { target, load } of loaded) {
      const pids = target.pids();
      const figure = `${bytes(rssBytesOf(pids))} / ${bytes(pssBytesOf(pids))}`;
      report(`${target.name}, ${load.made} objects`, figure);
    }
  } finally {
    for (const { target, load } of loaded) {
      load.close();
      await target.stop();
    }
  }
}

async function fill({ target, load }: Loaded, objects: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  await load.fill(objects, signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  report(`${target.name}: ${objects} objects made`, `${(objects / seconds).toFixed(0)}/s`);
}

async function compare(
  loaded: readonly Loaded[],
  what: string,
  rounds: number,
  measure: Measure,
  signal: AbortSignal,
): Promise<void> {
  const all = loaded.map((): Measurement[] => []);
  const versions = await Promise.all(loaded.map(({ target }) => target.writes?.version()));
  for (let round = 0; round < rounds; round++) {
    // A B, then B A: what drifts meets both alike.
    const order = round % 2 === 0 ? [...loaded.keys()] : [...loaded.keys()].toReversed();
    for (const index of order) {
      signal.throwIfAborted();
      all[index]?.push(await measure((loaded[index] as Loaded).load));
    }
  }
  for (const [index, { target }] of loaded.entries()) {
    const of = (figure: (measurement: Measurement) => number): number =>
      quantile((all[index] ?? []).map(figure), 0.5);
    const commits = await target.writes?.commitsPerWrite(versions[index] ?? '0');
    report(
      `${target.name}, ${what}`,
      `${of(({ perSecond }) => perSecond).toFixed(0)}/s, ` +
        `${of(({ cpuMsEach }) => cpuMsEach).toFixed(2)} ms CPU, ` +
        `p99 ${of(({ p99Ms }) => p99Ms).toFixed(1)} ms` +
        (commits === undefined ? '' : `, ${commits.toFixed(2)} commits a write`),
    );
  }
  const [ours = [], theirs = []] = all;
  if (theirs.length === 0) return;
  const ratio = (figure: (measurement: Measurement) => number): string =>
    quantile(
      ours.map((measurement, i) => figure(measurement) / figure(theirs[i] ?? measurement)),
      0.5,
    ).toFixed(2);
  const rate = ratio(({ perSecond }) => perSecond);
  report('  ratio of rates / of CPU', `${rate} / ${ratio(({ cpuMsEach }) => cpuMsEach)}`);
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupt.abort(new Error(`ended by ${signal}`)));
}
report('load average', loadAverage());
const [objects = '1000', rounds = '5'] = process.argv.slice(2);
await main(Number(objects), Number(rounds), interrupt.signal);
