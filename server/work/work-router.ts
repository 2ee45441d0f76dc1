import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import express from 'express';
import { ApiError, isApiError, toStatus } from '../../sdk/api/errors.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { RequestUser } from '../request-user.js';
import { scanJson } from '../routes/json-scan.js';
import { claimWork } from './claim-work.js';
import { completeWork } from './complete-work.js';
import { readObjects } from './read-objects.js';
import { renewLeases } from './renew-leases.js';
import { reportWorkloads } from './report-workloads.js';
import type { WorkContext } from './work-context.js';
import { checkClaim, checkComplete, checkRead, checkRenew, checkReport } from './work-input.js';

export interface WorkRouterOptions extends WorkContext {
  /** Who makes the request, as authenticated before it came here. */
  readonly userOf: (request: Request) => RequestUser;
}

const MASTERS = 'system:masters';
const RECONCILERS = 'threeport:reconcilers';
const AGENTS = 'threeport:agents';
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Batches hold many objects. */
const MAX_BODY_VALUES = 250_000;

/**
 * The worker protocol, to be mounted at `/threeport/v1`: claim, complete, renew and read for
 * reconcilers, report for agents. Refusals and failures are answered as `Status`.
 */
export function createWorkRouter(options: WorkRouterOptions): express.Router {
  const { registry } = options;
  const router = express.Router({ caseSensitive: true });
  const post = (path: string, group: string, answer: (body: unknown) => Promise<string>): void => {
    const handle: RequestHandler = async (request, response) => {
      response.type('application/json').send(await answer(request.body));
    };
    router.post(path, requireGroup(options.userOf, group), readJson, handle);
  };
  post('/claim', RECONCILERS, (body) => claimWork(options, checkClaim(body, registry)));
  post('/complete', RECONCILERS, async (body) => {
    const results = await completeWork(options, checkComplete(body, registry));
    return JSON.stringify({ results });
  });
  post('/renew', RECONCILERS, async (body) =>
    JSON.stringify(await renewLeases(options, checkRenew(body, registry))),
  );
  post('/read', RECONCILERS, (body) => readObjects(options, checkRead(body, registry)));
  post('/report', AGENTS, async (body) =>
    JSON.stringify(await reportWorkloads(options, checkReport(body))),
  );
  router.use(answerError(options));
  return router;
}

const readJson = express.json({
  limit: MAX_BODY_BYTES,
  type: () => true,
  strict: true,
  // A little that inflates to a lot is not for a protocol between our own parts.
  inflate: false,
  // Refuses what is too deep for the code behind before it is parsed.
  verify: (_request, _response, body) => void scanJson(body.toString('utf8'), MAX_BODY_VALUES),
});

function requireGroup(userOf: WorkRouterOptions['userOf'], group: string): RequestHandler {
  return (request, _response, next) => {
    const user = userOf(request);
    if (user.groups.includes(group) || user.groups.includes(MASTERS)) return next();
    next(new ApiError('Forbidden', `user "${user.name}" is not in the group ${group}`));
  };
}

function answerError({ logger }: WorkContext): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const known = bodyError(error) ?? error;
    if (!isApiError(known)) {
      logger.error('worker call failed', { path: request.path, error: errorChain(error) });
    }
    const status = toStatus(known);
    // The rest of a body that was not read is not waited for.
    if (!request.complete) response.setHeader('Connection', 'close');
    response.status(status.code).json(status);
  };
}

/** What the body parser found wrong. */
function bodyError(error: unknown): ApiError | undefined {
  const type = (error as { type?: unknown } | null)?.type;
  if (type === 'entity.too.large') {
    return new ApiError('RequestEntityTooLarge', `the body is larger than ${MAX_BODY_BYTES} bytes`);
  }
  if (type === 'entity.parse.failed') return new ApiError('BadRequest', 'the body is no JSON');
  return typeof type === 'string' && !isApiError(error)
    ? new ApiError('BadRequest', 'the body cannot be read', { cause: error })
    : undefined;
}
