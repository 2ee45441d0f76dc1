import type { CompleteRequest, CompletionResult } from '../../sdk/api/work.js';
import type { RequestUser } from '../request-user.js';
import { completeWork } from './complete-work.js';
import type { WorkContext } from './work-context.js';

/**
 * Hands objects back and writes down what the attempts at them did. What has ended comes first: an
 * attempt that counts as done has its effects in the journal, whatever dies in between.
 */
export async function completeWithJournal(
  context: WorkContext,
  request: CompleteRequest,
  user: RequestUser,
): Promise<CompletionResult[]> {
  const { journal = [], completions } = request;
  const ended = journal.filter(({ outcome }) => outcome !== 'begun');
  if (ended.length > 0) await context.store.journal(ended);
  const results = await completeWork(context, request, user);
  const accepted = new Set(
    completions
      .filter((_, index) => ['done', 'dirty'].includes(results[index]?.outcome ?? ''))
      .map(attemptOf),
  );
  const begun = journal.filter(
    (entry) => entry.outcome === 'begun' && accepted.has(attemptOf(entry)),
  );
  if (begun.length > 0) await context.store.journal(begun);
  return results;
}

function attemptOf({ uid, fence }: { readonly uid: string; readonly fence: number }): string {
  return `${uid}/${fence}`;
}
