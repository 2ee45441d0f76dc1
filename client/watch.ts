import type { IncomingMessage } from 'node:http';
import { ApiError, fromStatus } from '../sdk/api/errors.js';
import type { StoredApiObject } from '../sdk/api/object.js';

/** One event of a watch. A bookmark's object carries nothing but `metadata.resourceVersion`. */
export interface WatchEvent<O = StoredApiObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: O;
}

/**
 * Decodes a watch stream, one JSON document a line, in order. Ends when the server ends it; leaving
 * the loop closes the connection.
 *
 * @throws ApiError for an ERROR event (Expired: list again), ServiceUnavailable when the connection
 * breaks or a line is no JSON.
 */
export async function* decodeWatch<O>(incoming: IncomingMessage): AsyncGenerator<WatchEvent<O>> {
  try {
    for await (const line of linesOf(incoming)) {
      const event = parse(line);
      if (event.type === 'ERROR') {
        const code = (event.object as { code?: number }).code ?? 500;
        throw fromStatus(code, event.object);
      }
      yield event as WatchEvent<O>;
    }
  } catch (error) {
    if (error instanceof ApiError || isAbort(error)) throw error;
    throw new ApiError('ServiceUnavailable', 'the watch broke off', { cause: error });
  } finally {
    incoming.destroy();
  }
}

async function* linesOf(incoming: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}

function parse(line: string): { type: string; object: unknown } {
  try {
    return JSON.parse(line) as { type: string; object: unknown };
  } catch (error) {
    throw new ApiError('ServiceUnavailable', 'the watch sent a line that is no JSON', {
      cause: error,
    });
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
