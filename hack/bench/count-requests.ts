/**
 * Loaded into every part by `--import` (see main-job.ts): counts the HTTP requests that this process
 * answers, by method and route, and writes the counts on SIGUSR2 to
 * `$BENCH_REQUESTS_DIR/<pid>.json`. Without that variable it does nothing.
 */
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.env['BENCH_REQUESTS_DIR'];
if (dir !== undefined) {
  const counts: Record<string, number> = {};
  channel('http.server.request.start').subscribe((message) => {
    const { method = '', url = '' } = (message as { request: IncomingMessage }).request;
    const route = `${method} ${routeOf(url)}`;
    counts[route] = (counts[route] ?? 0) + 1;
  });
  process.on('SIGUSR2', () => {
    const file = join(dir, `${process.pid}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(counts));
    renameSync(`${file}.new`, file);
  });
}

/** The path without the names in it. */
function routeOf(url: string): string {
  const [path = '', query = ''] = url.split('?');
  const watches = query.includes('watch=') ? ' (watch)' : '';
  const parts = path.split('/');
  const root = parts[1] === 'apis' ? 4 : 3;
  if (parts[1] !== 'apis' && parts[1] !== 'api') return path;
  const inNamespace = parts[root] === 'namespaces' && parts.length > root + 2;
  const names = inNamespace ? [root + 1, root + 3] : [root + 1];
  return parts.map((part, index) => (names.includes(index) ? '*' : part)).join('/') + watches;
}
