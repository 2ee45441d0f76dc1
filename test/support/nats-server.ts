import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNatsServer, startNatsServer } from '../../tptctl/embedded/nats-server.js';
import { freePort } from '../../tptctl/embedded/ports.js';

export interface TestNatsServer {
  /** `nats://user:password@127.0.0.1:port`: stays the same over `stop` and `start`. */
  readonly url: string;
  /** The same for `connect()`, because the npm package `nats` 2 ignores a URL's user and password. */
  readonly connection: { servers: string; user: string; pass: string };
  readonly pid: number;
  /** Holds JetStream's store in `jetstream`. */
  readonly dir: string;
  /** Stops it; JetStream's store stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same store. */
  start(): Promise<void>;
  /** Stops it and removes the store. Idempotent. */
  remove(): Promise<void>;
}

/** The nats-server's path, or undefined: a test that needs it then says so and skips. */
export function natsServerBinary(): string | undefined {
  const toolsDir = fileURLToPath(new URL('../../../.tools/usr/sbin', import.meta.url));
  return findNatsServer(process.env['PATH'] ?? '', toolsDir);
}

/** A nats-server of one's own with JetStream and an empty store, on a free port of 127.0.0.1. */
export async function testNatsServer(): Promise<TestNatsServer> {
  const binary = natsServerBinary();
  if (binary === undefined) throw new Error('no nats-server on PATH or in .tools/usr/sbin');
  const dir = await mkdtemp(join(tmpdir(), 'threeport-test-nats-'));
  const options = {
    binary,
    dir,
    port: await freePort(),
    password: 'test-password',
    log: () => undefined,
    env: process.env,
  };
  let running = await startNatsServer(options);
  return {
    url: running.url,
    dir,
    connection: {
      servers: `127.0.0.1:${options.port}`,
      user: 'threeport',
      pass: options.password,
    },
    get pid() {
      return running.pid;
    },
    stop: async () => void (await running.stop()),
    start: async () => {
      running = await startNatsServer(options);
    },
    remove: async () => {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
