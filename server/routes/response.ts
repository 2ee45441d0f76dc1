import type { IncomingMessage, ServerResponse } from 'node:http';
import { toStatus } from '../../sdk/api/errors.js';

/** What clients take in the head of an answer. */
const MAX_WARNINGS = 20;
const MAX_WARNING_CHARS = 256;

/** Sends JSON text and ends the answer. */
export function sendJson(
  response: ServerResponse,
  statusCode: number,
  json: string,
  contentType = 'application/json',
): void {
  const body = Buffer.from(json);
  response.writeHead(statusCode, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    'Cache-Control': 'no-cache, private',
  });
  response.end(body);
}

/**
 * Sends the `Status` that says this error; what is no ApiError becomes a bare 500. A body that was
 * not read to its end closes the connection.
 */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = toStatus(error);
  if (!request.complete) response.setHeader('Connection', 'close');
  if (status.code === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (status.details?.retryAfterSeconds !== undefined) {
    response.setHeader('Retry-After', String(status.details.retryAfterSeconds));
  }
  sendJson(response, status.code, JSON.stringify(status));
}

/** Adds `Warning` headers to those that are there, as kubectl prints them. */
export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return;
  const shown = warnings.slice(0, MAX_WARNINGS);
  if (warnings.length > MAX_WARNINGS) {
    shown.push(`and ${warnings.length - MAX_WARNINGS} more warnings`);
  }
  response.appendHeader(
    'Warning',
    shown.map((warning) => `299 - "${headerText(warning).slice(0, MAX_WARNING_CHARS)}"`),
  );
}

function headerText(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[^\x20-\x7e]/g, '?');
}
