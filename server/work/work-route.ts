import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../../sdk/api/errors.js';
import { failpoint, type Failpoint } from '../../sdk/failpoint.js';
import { badRequest, methodNotAllowed, unknownPath } from '../api-errors.js';
import { sourceOf } from '../request-origin.js';
import type { RequestUser } from '../request-user.js';
import { scanJson } from '../routes/json-scan.js';
import { readBody } from '../routes/read-body.js';
import { sendJson } from '../routes/response.js';
import { claimWork } from './claim-work.js';
import { completeWithJournal } from './complete-with-journal.js';
import { WorkMetrics } from './work-metrics.js';
import { readObjects } from './read-objects.js';
import { renewLeases } from './renew-leases.js';
import { reportWorkloads } from './report-workloads.js';
import type { WorkContext } from './work-context.js';
import { checkClaim, checkComplete, checkRead, checkRenew, checkReport } from './work-input.js';

/** Below it are the calls of workers and agents. */
export const WORK_PATH = '/threeport/v1/';

const MASTERS = 'system:masters';
const RECONCILERS = 'threeport:reconcilers';
const AGENTS = 'threeport:agents';
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Batches hold many objects. */
const MAX_BODY_VALUES = 250_000;

interface WorkCall {
  readonly group: string;
  readonly beforeAnswer?: Failpoint;
  answer(context: WorkContext, body: unknown, user: RequestUser): Promise<string>;
}

const CALLS: Readonly<Record<string, WorkCall>> = {
  claim: {
    group: RECONCILERS,
    beforeAnswer: 'after-claim-before-answer',
    answer: (context, body) => claimWork(context, checkClaim(body)),
  },
  complete: {
    group: RECONCILERS,
    beforeAnswer: 'after-complete-before-answer',
    async answer(context, body, user) {
      const results = await completeWithJournal(context, checkComplete(body), user);
      return JSON.stringify({ results });
    },
  },
  renew: {
    group: RECONCILERS,
    beforeAnswer: 'after-renew-before-answer',
    answer: async (context, body) => JSON.stringify(await renewLeases(context, checkRenew(body))),
  },
  read: {
    group: RECONCILERS,
    answer: (context, body) => readObjects(context, checkRead(body, context.registry)),
  },
  report: {
    group: AGENTS,
    beforeAnswer: 'after-report-before-answer',
    answer: async (context, body, user) =>
      JSON.stringify(await reportWorkloads(context, checkReport(body), user)),
  },
};

/** The worker protocol: claim, complete, renew and read for reconcilers, report for agents. */
export class WorkRoute {
  readonly #context: WorkContext;
  readonly #metrics: WorkMetrics;

  constructor(context: WorkContext, metrics = new WorkMetrics()) {
    this.#context = context;
    this.#metrics = metrics;
  }

  /**
   * Answers a request to a path below WORK_PATH of a user who was authenticated.
   *
   * @throws ApiError for whatever it does not answer.
   */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    user: RequestUser,
    path: string,
  ): Promise<void> {
    const name = path.slice(WORK_PATH.length);
    const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    if (call === undefined) throw unknownPath();
    if (request.method !== 'POST') throw methodNotAllowed();
    if (!user.groups.includes(call.group) && !user.groups.includes(MASTERS)) {
      throw new ApiError('Forbidden', `user "${user.name}" is not in the group ${call.group}`);
    }
    await this.#metrics.follow(name, async () => {
      const body = await readJson(request);
      const requester = { ...user, source: sourceOf(request, name) };
      const answer = await call.answer(this.#context, body, requester);
      if (call.beforeAnswer !== undefined) failpoint(call.beforeAnswer);
      sendJson(response, 200, answer);
    });
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request, MAX_BODY_BYTES)).toString('utf8');
  if (text === '') return {};
  // Refuses what is too deep for the code behind before it is parsed.
  scanJson(text, MAX_BODY_VALUES);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest('the body is no JSON', error);
  }
}
