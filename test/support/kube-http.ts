import { Agent, request } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Where a Kubernetes API is, and who asks. */
export interface KubeAddress {
  readonly server: string;
  readonly token: string;
  /** PEM; absent: the certificate is not checked. */
  readonly ca?: string;
}

export interface KubeAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  readonly body: any;
}

export interface KubeWatchEvent {
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  readonly object: any;
}

export interface KubeCallOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
}

/** Bare requests to any Kubernetes API, ours or not: nothing is repeated, nothing put right. */
export interface KubeHttp {
  /** Rejects when no whole answer comes within 15 s. */
  call(method: string, path: string, options?: KubeCallOptions): Promise<KubeAnswer>;
  /**
   * Follows a watch until it ends; then resolves with the answer, whose body is undefined when it was
   * a stream. Rejects when the connection breaks.
   */
  watch(
    path: string,
    onEvent: (event: KubeWatchEvent) => void,
    options: { readonly signal: AbortSignal; readonly accept?: string },
  ): Promise<KubeAnswer>;
  close(): void;
}

const TIMEOUT_MS = 15_000;

export function kubeHttp({ server, token, ca }: KubeAddress): KubeHttp {
  const agent = new Agent({
    keepAlive: true,
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
  });
  const begin = (
    method: string,
    path: string,
    { type, accept, signal }: KubeCallOptions & { readonly signal?: AbortSignal },
  ): ClientRequest =>
    request(server + path, {
      method,
      agent,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: accept ?? 'application/json',
        ...(type !== undefined && { 'Content-Type': type }),
      },
      ...(signal !== undefined && { signal }),
    });
  return {
    call: (method, path, options = {}) =>
      new Promise((resolve, reject) => {
        const { body, type = 'application/json' } = options;
        const outgoing = begin(method, path, body === undefined ? options : { ...options, type });
        outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error('no answer in time')));
        outgoing.on('error', reject).on('response', (response) => {
          text(response).then((answer) => resolve(answerOf(response, answer)), reject);
        });
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
      }),
    watch: (path, onEvent, { signal, accept }) =>
      new Promise((resolve, reject) => {
        const outgoing = begin('GET', path, {
          signal,
          ...(accept !== undefined && { accept }),
        });
        outgoing.on('error', reject).on('response', (response) => {
          if (response.statusCode !== 200) {
            text(response).then((answer) => resolve(answerOf(response, answer)), reject);
            return;
          }
          let rest = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) onEvent(JSON.parse(line) as KubeWatchEvent);
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: 200, body: undefined }));
        });
        outgoing.end();
      }),
    close: () => agent.destroy(),
  };
}

function text(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let whole = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (whole += chunk));
    response.on('error', reject).on('end', () => resolve(whole));
  });
}

function answerOf(response: IncomingMessage, whole: string): KubeAnswer {
  const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
  const body: unknown = isJson && whole !== '' ? JSON.parse(whole) : whole;
  return { status: response.statusCode ?? 0, body };
}
