import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/**
 * A stand-in for server, sandbox, reconcilers and agent in tests of the supervisor. With a port to
 * listen on it keeps what is PATCHed and gives it back, with every condition of a runtime True.
 */
const env = process.env;
const objects = new Map<string, Record<string, unknown>>();
const conditions = ['Ready', 'AgentConnected'].map((type) => ({ type, status: 'True' }));

function sayReady(): void {
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
}

if (env['THREEPORT_EXIT_ON_STDIN_CLOSE'] === '1') {
  process.stdin.on('end', () => process.exit(0)).resume();
}
process.on('SIGTERM', () => process.exit(0));

if (env['THREEPORT_LISTEN_PORT'] === undefined) {
  setInterval(() => undefined, 60_000);
  sayReady();
} else {
  const server = createServer(
    {
      cert: readFileSync(env['THREEPORT_TLS_CERT_FILE'] ?? ''),
      key: readFileSync(env['THREEPORT_TLS_KEY_FILE'] ?? ''),
    },
    (request, response) => {
      const path = new URL(request.url ?? '/', 'https://localhost').pathname;
      const answer = (code: number, body: unknown): void => {
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      if (path === '/readyz') return answer(200, {});
      if (request.method !== 'PATCH') {
        const found = objects.get(path);
        return found === undefined ? answer(404, {}) : answer(200, found);
      }
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        const object = { ...(JSON.parse(text) as object), status: { conditions } };
        objects.set(path, object);
        answer(200, object);
      });
    },
  );
  server.listen(Number(env['THREEPORT_LISTEN_PORT']), env['THREEPORT_LISTEN_HOST'], sayReady);
}
