import { isConflict } from '../api/errors.js';
import type { CompletionResult } from '../api/work.js';
import type { AttemptResult } from './attempt.js';
import { TerminalError } from './reconciler.js';
import type { AttemptVerdict } from './worker-observer.js';

/** What became of an attempt: what the server said of it first, then what the reconciler did. */
export function verdictOf(
  { result, error }: AttemptResult,
  { outcome }: CompletionResult,
): AttemptVerdict {
  if (outcome !== 'done' && outcome !== 'dirty') return outcome;
  if (error instanceof TerminalError) return 'terminal';
  if (error !== undefined) return isConflict(error) ? 'conflict' : 'failed';
  return result?.outcome ?? 'released';
}
