import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../sdk/api/errors.js';

/**
 * The whole body of a request. Stops reading as soon as it is known to be over `maxBytes`; the
 * connection must then be closed with the answer, for the rest of the body is still under way.
 *
 * @throws ApiError RequestEntityTooLarge, or BadRequest when the client went away half-way.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.reject(tooLarge(maxBytes));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      settle();
      request.pause();
      reject(tooLarge(maxBytes));
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    };
    const onGone = (cause?: unknown): void => {
      settle();
      reject(
        new ApiError('BadRequest', 'the request body ended before it was complete', { cause }),
      );
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${maxBytes} bytes`,
  );
}
