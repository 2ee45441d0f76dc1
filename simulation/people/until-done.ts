import { setTimeout as delay } from 'node:timers/promises';
import { isApiError } from '../../sdk/api/errors.js';

/** As whoever types a command again when it failed. */
export const FIELD_MANAGER = 'people';

const RETRY_MS = 1_000;

/** Again and again: whatever it does must do no harm when done twice. @throws what no trying mends. */
export async function untilDone<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (isApiError(error, 'Invalid') || isApiError(error, 'Forbidden')) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** Thrown by an act whose time has not come. */
export class NotYetError extends Error {
  override readonly name = 'NotYetError';
}
