import { Router } from 'express';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectStore } from '../store/object-store.js';

const CHECK_TIMEOUT_MS = 2_000;

/** Paths that answer without a credential. */
export const ANONYMOUS_PATHS: ReadonlySet<string> = new Set([
  '/healthz',
  '/livez',
  '/readyz',
  '/version',
]);

/**
 * `/livez` and `/healthz`: the process answers. `/readyz`: it can do its work, shown by a read of
 * the store; with `?verbose` each check is listed. `/version`: what clients check for.
 */
export function createHealthRouter(options: {
  readonly store: Pick<ObjectStore, 'currentVersion'>;
  readonly isStopping: () => boolean;
  readonly logger: Logger;
  /** Threeport's own version, such as `0.1.0`. */
  readonly version: string;
}): Router {
  const { store, isStopping, logger, version } = options;
  const router = Router();

  async function isStoreReadable(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)),
        CHECK_TIMEOUT_MS,
      );
    });
    try {
      await Promise.race([store.currentVersion(), timeout]);
      return true;
    } catch (error) {
      logger.warn('not ready: the store cannot be read', { error: errorChain(error) });
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  router.get(['/livez', '/healthz'], (_request, response) => {
    response.type('text/plain').send('ok');
  });

  router.get('/readyz', async (request, response) => {
    const checks = [
      { name: 'ping', isGood: true },
      { name: 'store', isGood: await isStoreReadable() },
      { name: 'shutdown', isGood: !isStopping() },
    ];
    const isReady = checks.every(({ isGood }) => isGood);
    const lines = checks.map(({ name, isGood }) =>
      isGood ? `[+]${name} ok` : `[-]${name} failed: reason withheld`,
    );
    const text = `${lines.join('\n')}\nreadyz check ${isReady ? 'passed' : 'failed'}\n`;
    const isBrief = isReady && request.query['verbose'] === undefined;
    response
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(isBrief ? 'ok' : text);
  });

  router.get('/version', (_request, response) => {
    response.json({
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
  });
  return router;
}
