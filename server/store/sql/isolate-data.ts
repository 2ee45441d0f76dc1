import { codeOf, faultOf } from './database-errors.js';

type Run<Item, Answer> = (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>;

/**
 * A batch fails as a whole when the database refuses one value in it, and nothing is written. Then
 * each item is tried by itself, so that only the guilty one fails.
 */
export function isolateData<Item, Answer>(run: Run<Item, Answer>): Run<Item, Answer> {
  return async (items) => {
    try {
      return await run(items);
    } catch (error) {
      if (items.length === 1 || !isRefusedData(error)) throw error;
    }
    const answers: (Answer | Error)[] = [];
    for (const item of items) {
      try {
        answers.push(...(await run([item])));
      } catch (error) {
        answers.push(error instanceof Error ? error : new Error('write failed', { cause: error }));
      }
    }
    return answers;
  };
}

function isRefusedData(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return codeOf(cause) !== '' && faultOf(cause) === 'data';
}
