import { isConflict } from '../api/errors.js';
import type { AttemptOutcome } from '../api/journal.js';
import type { CompletionResult } from '../api/work.js';
import type { AttemptResult } from './attempt.js';
import { TerminalError } from './reconciler.js';
import type { AttemptVerdict } from './worker-observer.js';

/** What became of an attempt: what the server said of it first, then what the reconciler did. */
export function verdictOf(ended: AttemptResult, { outcome }: CompletionResult): AttemptVerdict {
  return outcome !== 'done' && outcome !== 'dirty' ? outcome : outcomeOf(ended);
}

/** What the reconciler did. */
export function outcomeOf({ result, error }: AttemptResult): AttemptOutcome {
  if (error instanceof TerminalError) return 'terminal';
  if (error !== undefined) return isConflict(error) ? 'conflict' : 'failed';
  return result?.outcome ?? 'released';
}
