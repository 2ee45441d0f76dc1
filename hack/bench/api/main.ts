/**
 * The API under load, beside the real kube-apiserver and etcd where they are there, in one
 * interleaved run: `node dist/hack/bench/api/main.js [objects] [rounds]`; default 1,000 and 5. Both
 * sync their commits. Trust the ratios and the CPU: rates belong to the machine of the day.
 */
import { bytes, loadAverage, quantile, report, title } from '../bench-table.js';
import { pssBytesOf, rssBytesOf } from '../proc.js';
import type { Operation, Outcome } from './load.js';
import { Load } from './load.js';
import type { Target } from './target.js';
import { startKubernetes, startThreeport } from './target.js';

const PHASE_MS = 2_000;
const OPERATIONS: readonly Operation[] = ['create', 'update', 'get', 'list'];
const CLIENTS = [1, 16, 64];

interface Loaded {
  readonly target: Target;
  readonly load: Load;
}

async function main(objects: number, rounds: number): Promise<void> {
  const targets = [await startThreeport(), await startKubernetes()].filter(
    (target) => target !== undefined,
  );
  const loaded = targets.map((target) => ({ target, load: new Load(target) }));
  try {
    for (const each of loaded) await fill(each, objects);
    for (const operation of OPERATIONS) {
      title(`${operation}, ${objects} objects`);
      const many = operation === 'list' ? [1] : CLIENTS;
      for (const clients of many) await compare(loaded, operation, clients, rounds);
    }
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

async function fill({ target, load }: Loaded, objects: number): Promise<void> {
  const startedAt = performance.now();
  await load.fill(objects);
  const seconds = (performance.now() - startedAt) / 1_000;
  report(`${target.name}: ${objects} objects made`, `${(objects / seconds).toFixed(0)}/s`);
}

async function compare(
  loaded: readonly Loaded[],
  operation: Operation,
  clients: number,
  rounds: number,
): Promise<void> {
  const outcomes = loaded.map((): Outcome[] => []);
  for (let round = 0; round < rounds; round++) {
    // A B, then B A: what drifts meets both alike.
    const order = round % 2 === 0 ? [...loaded.keys()] : [...loaded.keys()].toReversed();
    for (const index of order) {
      const { load } = loaded[index] as Loaded;
      outcomes[index]?.push(await load.run(operation, clients, PHASE_MS));
    }
  }
  loaded.forEach(({ target }, index) => {
    const of = (figure: (outcome: Outcome) => number): number =>
      quantile((outcomes[index] ?? []).map(figure), 0.5);
    report(
      `${target.name}, ${clients} at once`,
      `${of(({ perSecond }) => perSecond).toFixed(0)}/s, ` +
        `${of(({ cpuMsEach }) => cpuMsEach).toFixed(2)} ms CPU, ` +
        `p99 ${of(({ p99Ms }) => p99Ms).toFixed(1)} ms`,
    );
  });
  const [ours = [], theirs = []] = outcomes;
  if (theirs.length === 0) return;
  const ratio = (figure: (outcome: Outcome) => number): string =>
    quantile(
      ours.map((outcome, i) => figure(outcome) / figure(theirs[i] ?? outcome)),
      0.5,
    ).toFixed(2);
  const rate = ratio(({ perSecond }) => perSecond);
  report('  ratio of rates / of CPU', `${rate} / ${ratio(({ cpuMsEach }) => cpuMsEach)}`);
}

report('load average', loadAverage());
const [objects = '1000', rounds = '5'] = process.argv.slice(2);
await main(Number(objects), Number(rounds));
