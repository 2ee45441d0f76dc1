import { createServer } from 'node:net';
import { EmbeddedError } from './embedded-error.js';
import { holderOfPort } from './port-holder.js';
import type { Ports } from './settings.js';

const DEFAULTS: Ports = { api: 6480, sandbox: 6481, nats: 6482 };
const WANTED_BY: Readonly<Record<keyof Ports, string>> = {
  api: 'server',
  sandbox: 'sandbox',
  nats: 'nats-server',
};

/**
 * The ports to use: what is asked for (0: the remembered one if it is free, else any free one), else
 * the remembered, else 6480, 6481 and 6482. Throws an `EmbeddedError` that names the port, the part
 * that wants it, who holds it if that can be found out, and the flag, if one is in use.
 */
export async function choosePorts(
  asked: Partial<Ports>,
  remembered: Ports | undefined,
  needed: readonly (keyof Ports)[],
): Promise<Ports> {
  const chosen: { -readonly [name in keyof Ports]: number } = { ...DEFAULTS, ...remembered };
  for (const name of ['api', 'sandbox', 'nats'] as const) {
    const wanted = asked[name] ?? chosen[name];
    const free = !needed.includes(name) || (wanted !== 0 && (await isPortFree(wanted)));
    if (wanted === 0) {
      const keep = remembered?.[name];
      chosen[name] = keep !== undefined && (await isPortFree(keep)) ? keep : await freePort();
    } else if (free) {
      chosen[name] = wanted;
    } else {
      throw portInUse(name, wanted);
    }
  }
  const { api, sandbox, nats } = chosen;
  if (new Set([api, sandbox, nats]).size < 3) {
    throw new EmbeddedError(`the ports must differ: api ${api}, sandbox ${sandbox}, nats ${nats}`, {
      remedy: 'choose others with --api-port, --sandbox-port and --nats-port',
    });
  }
  return chosen;
}

function portInUse(name: keyof Ports, port: number): EmbeddedError {
  const holder = holderOfPort(port);
  return new EmbeddedError(
    `port ${port} of 127.0.0.1, which ${WANTED_BY[name]} wants, is in use${holder === undefined ? '' : ` by ${holder}`}`,
    { remedy: `stop that process, or choose another port with --${name}-port (0: any free one)` },
  );
}

/** A port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/** True if a server could listen on this port of 127.0.0.1 right now. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenOnce(port);
    return true;
  } catch {
    return false;
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
