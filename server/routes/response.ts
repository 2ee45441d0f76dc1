import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { toStatus } from '../../sdk/api/errors.js';
import { prefersYaml, YAML_TYPE } from './content-negotiation.js';
import { yamlOf } from './yaml-text.js';

/** What clients take in the head of an answer. */
const MAX_WARNINGS = 20;
/** When there is more than this in all, each warning is cut, as by a kube-apiserver. */
const WHOLE_WARNINGS_CHARS = 4_096;
const MAX_WARNING_CHARS = 256;

/** Kubernetes' own bound: below it compressing costs more than it saves. */
const GZIP_FROM_BYTES = 128 * 1024;
/** Tools that people look at, as Kubernetes has it: they get the JSON indented. */
const PEOPLES_TOOLS = /^(?:curl|Wget|Mozilla\/5\.0)/;
/** More than this nobody reads, and indenting it would hold up everybody else. */
const MAX_PRETTY_CHARS = 2_000_000;
/** As above, for YAML in block style. */
const MAX_BLOCK_CHARS = 500_000;

/**
 * Sends what JSON text says and ends the answer: as YAML to who prefers that, indented when the query
 * says `pretty` or a person reads.
 */
export function sendJson(response: ServerResponse, statusCode: number, json: string): void {
  if (prefersYaml(response.req.headers.accept)) {
    // JSON is YAML too, and costs nothing: large answers are in its style.
    send(response, statusCode, json.length > MAX_BLOCK_CHARS ? json : yamlOf(json), YAML_TYPE);
    return;
  }
  send(response, statusCode, isPretty(response.req, json) ? indented(json) : json);
}

/** Sends content and ends the answer: compressed when it is large and the client takes that. */
export function send(
  response: ServerResponse,
  statusCode: number,
  content: string | Buffer,
  contentType = 'application/json',
): void {
  const body = Buffer.from(content);
  const end = (bytes: Buffer): void => {
    response.writeHead(statusCode, {
      'Content-Type': contentType,
      'Content-Length': bytes.length,
      'Cache-Control': 'no-cache, private',
    });
    response.end(bytes);
  };
  if (body.length <= GZIP_FROM_BYTES || !acceptsGzip(response.req)) {
    end(body);
    return;
  }
  // On a thread of its own: a large list would hold up everybody else.
  gzip(body, { level: 1 }, (error, compressed) => {
    if (response.destroyed) return;
    if (error === null) response.setHeader('Content-Encoding', 'gzip');
    response.appendHeader('Vary', 'Accept-Encoding');
    end(error === null ? compressed : body);
  });
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers['accept-encoding'];
  return String(accepted ?? '')
    .split(',')
    .some((clause) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(clause));
}

function isPretty({ url = '', headers }: IncomingMessage, json: string): boolean {
  if (json.length > MAX_PRETTY_CHARS) return false;
  const isAsked = url.includes('pretty=');
  const asked = isAsked ? new URLSearchParams(url.slice(url.indexOf('?'))).get('pretty') : null;
  if (asked !== null && asked !== '') return ['1', 't', 'true'].includes(asked.toLowerCase());
  return PEOPLES_TOOLS.test(headers['user-agent'] ?? '');
}

function indented(json: string): string {
  return `${JSON.stringify(JSON.parse(json), null, 2)}\n`;
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
  const total = shown.reduce((sum, warning) => sum + warning.length, 0);
  const most = total > WHOLE_WARNINGS_CHARS ? MAX_WARNING_CHARS : WHOLE_WARNINGS_CHARS;
  response.appendHeader(
    'Warning',
    shown.map((warning) => `299 - "${headerText(warning.slice(0, most))}"`),
  );
}

function headerText(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[^\x20-\x7e]/g, '?');
}
