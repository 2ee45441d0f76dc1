import type { Response } from 'express';
import { Router } from 'express';
import type { IncomingMessage } from 'node:http';
import { methodNotAllowed, unknownPath } from '../api-errors.js';
import type { HealthCheck } from './health-checks.js';
import { runCheck } from './health-checks.js';
import { sendError, sendJson } from './response.js';

const PATHS = ['/healthz', '/livez', '/readyz'] as const;

/** Paths that answer without a credential. */
export const ANONYMOUS_PATHS: ReadonlySet<string> = new Set([...PATHS, '/version']);

export interface HealthRouterOptions {
  /** Does the process answer at all; what a restart may mend. */
  readonly liveChecks: readonly HealthCheck[];
  /** Can it do its work, writes above all. */
  readonly readyChecks: readonly HealthCheck[];
  /** Threeport's own version, such as `0.1.0`. */
  readonly version: string;
}

/**
 * `/livez`, `/readyz` and `/healthz` (both together), as Kubernetes has them: `ok`, or with `?verbose`
 * each check by name; `/readyz/<check>` is one of them; `?exclude=<check>` leaves one out. Why a check
 * failed is in the log only. `/version`: what clients check for.
 */
export function createHealthRouter(options: HealthRouterOptions): Router {
  const { liveChecks, readyChecks, version } = options;
  const checksOf = {
    '/livez': liveChecks,
    '/readyz': readyChecks,
    '/healthz': readyChecks,
  } satisfies Record<(typeof PATHS)[number], readonly HealthCheck[]>;
  const router = Router({ caseSensitive: true });

  for (const path of PATHS) {
    router.get(path, async (request, response) => {
      const query = new URLSearchParams(queryOf(request));
      const excluded = new Set(query.getAll('exclude'));
      const checks = checksOf[path].filter(({ name }) => !excluded.has(name));
      await answer(response, path.slice(1), checks, query.has('verbose'));
    });
    router.get(`${path}/:check`, async (request, response) => {
      const { check: wanted } = request.params;
      const check = checksOf[path].find(({ name }) => name === wanted);
      if (check === undefined) sendError(request, response, unknownPath());
      else await answer(response, path.slice(1), [check], false);
    });
  }

  router.get('/version', (_request, response) => {
    const json = JSON.stringify({
      major: '1',
      minor: '32',
      gitVersion: `v1.32.0+threeport-${version}`,
      gitCommit: '',
      gitTreeState: '',
      buildDate: '1970-01-01T00:00:00Z',
      goVersion: '',
      compiler: 'node',
      platform: `${process.platform}/${process.arch}`,
    });
    sendJson(response, 200, json);
  });
  router.all([...PATHS, '/version'], (request, response) => {
    sendError(request, response, methodNotAllowed());
  });
  return router;
}

async function answer(
  response: Response,
  name: string,
  checks: readonly HealthCheck[],
  isVerbose: boolean,
): Promise<void> {
  const results = await Promise.all(checks.map(runCheck));
  const isGood = results.every((good) => good);
  const lines = checks.map((check, i) =>
    results[i] === true ? `[+]${check.name} ok` : `[-]${check.name} failed: reason withheld`,
  );
  const text = `${lines.join('\n')}\n${name} check ${isGood ? 'passed' : 'failed'}\n`;
  response
    .status(isGood ? 200 : 503)
    .type('text/plain')
    .set({ 'Cache-Control': 'no-cache, private', 'X-Content-Type-Options': 'nosniff' })
    .send(isGood && !isVerbose ? 'ok' : text);
}

function queryOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 2)[1] ?? '';
}
