import { join } from 'node:path';
import type { HomePaths } from './home-paths.js';
import { livePostmaster } from './postgres-pid-file.js';
import { identityOf, killProcess, waitUntilGone } from './process-table.js';
import type { RunState } from './run-state.js';
import type { Settings } from './settings.js';

const STOP_TIMEOUT_MS = 10_000;
const STOP_SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { postgres: 'SIGINT' };
/** They use the others, and so go last. */
const LAST = ['nats', 'postgres'];

/**
 * Stops the processes that a supervisor which was killed could not stop and that did not stop by
 * themselves. A process counts as ours only if its start time is the recorded one, or if it is a
 * postgres on our data folder. Resolves with the names of the parts that were stopped, once they
 * are gone.
 */
export async function stopLeftovers(
  paths: HomePaths,
  state: RunState | undefined,
  settings: Settings | undefined,
): Promise<string[]> {
  const found = new Map<number, string>();
  for (const { name, process: recorded } of state?.parts ?? []) {
    if (recorded !== undefined && identityOf(recorded.pid) === recorded.identity) {
      found.set(recorded.pid, name);
    }
  }
  for (const dir of [paths.home, ...(settings?.outsideDirs ?? [])]) {
    const pid = livePostmaster(join(dir, 'postgres'));
    if (pid !== undefined) found.set(pid, 'postgres');
  }
  const first = [...found].filter(([, name]) => !LAST.includes(name));
  const last = [...found].filter(([, name]) => LAST.includes(name));
  for (const group of [first, last]) {
    await Promise.all(
      group.map(async ([pid, name]) => {
        killProcess(pid, STOP_SIGNALS[name] ?? 'SIGTERM');
        await waitUntilGone(pid, STOP_TIMEOUT_MS);
      }),
    );
  }
  return [...first, ...last].map(([, name]) => name);
}
