import type { StoreCounts } from '../store/object-store.js';
import { labelText, metricHead, metricLine } from '../../sdk/metrics/metric-text.js';

/** What the store asked of its database. */
export function* storeLines(counts: StoreCounts): Iterable<string> {
  const statements = 'threeport_store_statements_total';
  yield metricHead(statements, 'counter', 'Statements sent to the database.');
  for (const [type, count] of Object.entries(counts.statements)) {
    yield metricLine(statements, labelText({ type }), count);
  }
  const commits = 'threeport_store_commits_total';
  yield metricHead(commits, 'counter', 'Transactions committed that wrote something.');
  yield metricLine(commits, '', counts.commits);
  const failures = 'threeport_store_failures_total';
  yield metricHead(failures, 'counter', 'Statements that failed, repeated ones included.');
  for (const [fault, count] of Object.entries(counts.failures)) {
    yield metricLine(failures, labelText({ fault }), count);
  }
  const connections = 'threeport_store_connections';
  yield metricHead(connections, 'gauge', 'Connections to the database, and who waits for one.');
  for (const [state, count] of Object.entries(counts.connections)) {
    yield metricLine(connections, labelText({ state }), count);
  }
}
