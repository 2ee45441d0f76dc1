/** Where and as whom to connect, as nats.js takes it: it reads no credentials from the URL. */
export interface NatsAddress {
  readonly servers: string;
  readonly user?: string;
  readonly pass?: string;
}

/**
 * Takes `nats://user:password@host:port` apart; `tls://` too.
 *
 * @throws Error when it is neither. The message does not quote it.
 */
export function parseNatsUrl(url: string): NatsAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['nats:', 'tls:'].includes(parsed.protocol)) {
    throw new Error('the NATS address is no nats:// or tls:// URL');
  }
  return {
    servers: `${parsed.protocol}//${parsed.host}`,
    ...(parsed.username !== '' && {
      user: decodeURIComponent(parsed.username),
      pass: decodeURIComponent(parsed.password),
    }),
  };
}
