import { Command, Option } from 'commander';
import type { PartState, RunState } from '../embedded/run-state.js';
import { homeOption } from './up.js';

interface StatusFlags {
  home?: string;
  output: 'table' | 'json';
}

type MemoryOf = (pid: number, withDescendants: boolean) => number | undefined;

/** One part as `status` shows it. */
interface PartRow {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: string;
  readonly rssBytes: number | undefined;
  readonly restarts: number;
  readonly lastExit: string | undefined;
}

/**
 * `tptctl status`: lists the parts with pid, state, resident memory and restarts. Exit code 0 if
 * all are ready, else 1.
 */
export function statusCommand(): Command {
  return new Command('status')
    .description('show the parts of the control plane that `up` started')
    .addOption(homeOption())
    .addOption(
      new Option('-o, --output <format>', 'how to print it')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(async (flags: StatusFlags) => {
      process.exitCode = await status(flags);
    });
}

async function status(flags: StatusFlags): Promise<number> {
  const [{ inspectControlPlane }, { resolveHome }, { residentBytesOf }, { EmbeddedError }] =
    await Promise.all([
      import('../embedded/control-plane.js'),
      import('../embedded/home-paths.js'),
      import('../embedded/process-table.js'),
      import('../embedded/embedded-error.js'),
    ]);
  try {
    const home = resolveHome(flags.home, process.env);
    const { running, state, paths } = inspectControlPlane(home);
    const rows = running && state !== undefined ? rowsOf(state, residentBytesOf) : [];
    const ready = running && state?.phase === 'ready' && rows.every((row) => row.state === 'ready');
    if (flags.output === 'json') {
      const output = {
        home,
        running,
        phase: running ? state?.phase : 'stopped',
        ready,
        ports: running ? state?.ports : undefined,
        kubeconfig: paths.kubeconfig,
        warnings: running ? state?.warnings : [],
        error: state?.error,
        parts: rows,
      };
      process.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
    } else if (running) {
      process.stdout.write(table(rows));
      for (const warning of state?.warnings ?? []) process.stdout.write(`warning: ${warning}\n`);
    } else {
      const failure = state?.error === undefined ? '' : `the last start failed: ${state.error}\n`;
      process.stdout.write(`no control plane is running in ${home}\n${failure}`);
    }
    return ready ? 0 : 1;
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
    process.stderr.write(`error: ${error.format()}\n`);
    return 1;
  }
}

function rowsOf(state: RunState, memoryOf: MemoryOf): PartRow[] {
  const supervisor: PartState = {
    name: 'supervisor',
    phase: state.phase === 'ready' ? 'ready' : 'starting',
    process: state.supervisor,
    restarts: 0,
  };
  return [supervisor, ...state.parts].map((part) => ({
    name: part.name,
    pid: part.process?.pid,
    state: part.phase,
    rssBytes:
      part.process === undefined ? undefined : memoryOf(part.process.pid, part.name === 'postgres'),
    restarts: part.restarts,
    lastExit: part.lastExit,
  }));
}

function table(rows: readonly PartRow[]): string {
  const totalBytes = rows.reduce((sum, row) => sum + (row.rssBytes ?? 0), 0);
  const cells = [
    ['NAME', 'PID', 'STATE', 'MEMORY', 'RESTARTS', 'LAST EXIT'],
    ...rows.map((row) => [
      row.name,
      String(row.pid ?? '-'),
      row.state,
      mebibytes(row.rssBytes),
      String(row.restarts),
      row.lastExit ?? '-',
    ]),
    ['total', '', '', mebibytes(totalBytes), '', ''],
  ];
  const widths = cells[0]?.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths?.[i] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${(bytes / 1024 / 1024).toFixed(0)}Mi`;
}
