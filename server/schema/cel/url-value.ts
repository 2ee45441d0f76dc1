const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
/** Bytes beyond ASCII may be there as they are; an escape may stand for such a byte only. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"\u0080-\uffff]|%[89a-fA-F][0-9a-fA-F])*$/;
const IN_BRACKETS = /^\[([^%]*)(?:%25(?:.*))?\](.*)$/s;
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]*$/;
const UNESCAPED_IN_PATH = /[A-Za-z0-9\-._~$&+,/:;=@]/;
const OPTIONAL_PORT = /^(?::\d*)?$/;

/**
 * A URL as Kubernetes reads it (Go's `url.ParseRequestURI`): absolute, or a path that begins with a
 * slash. Nothing is normalised: a port that is the scheme's own stays.
 */
export class Url {
  readonly text: string;
  /** Empty for a path alone. */
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  readonly #path: string;
  readonly #query: string;

  constructor(text: string, parts: { scheme: string; host: string; path: string; query: string }) {
    this.text = text;
    this.scheme = parts.scheme.toLowerCase();
    this.host = parts.host;
    this.#path = parts.path;
    this.#query = parts.query;
  }

  get hostname(): string {
    return this.#hostAndPort()[0].replace(/^\[(.*)\]$/s, '$1');
  }

  get port(): string {
    return this.#hostAndPort()[1];
  }

  /** The path with every character escaped that has to be. */
  get escapedPath(): string {
    if (PATH.test(this.#path)) return this.#path;
    const bytes = unescapeBytes(this.#path) ?? Buffer.from(this.#path);
    return Array.from(bytes, (byte) => {
      const character = String.fromCharCode(byte);
      return UNESCAPED_IN_PATH.test(character) ? character : escapeByte(byte);
    }).join('');
  }

  /** Each name with all its values; pairs that are not well-formed are left out. */
  query(): Map<string, string[]> {
    const values = new Map<string, string[]>();
    for (const pair of this.#query.split('&')) {
      if (pair === '' || pair.includes(';')) continue;
      const [name = '', ...rest] = pair.split('=');
      const [key, value] = [name, rest.join('=')].map((part) =>
        unescapeBytes(part.replaceAll('+', ' '))?.toString(),
      );
      if (key === undefined || value === undefined) continue;
      values.set(key, [...(values.get(key) ?? []), value]);
    }
    return values;
  }

  #hostAndPort(): readonly [string, string] {
    const colon = this.host.lastIndexOf(':');
    if (colon < 0 || !OPTIONAL_PORT.test(this.host.slice(colon))) return [this.host, ''];
    return [this.host.slice(0, colon), this.host.slice(colon + 1)];
  }
}

/** Undefined when the text is no such URL. */
export function parseUrl(text: string): Url | undefined {
  // oxlint-disable-next-line no-control-regex
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const scheme = SCHEME.exec(text)?.[1] ?? '';
  if (text.startsWith(':')) return undefined;
  const afterScheme = scheme === '' ? text : text.slice(scheme.length + 1);
  const question = afterScheme.indexOf('?');
  const rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  const query = question < 0 ? '' : afterScheme.slice(question + 1);
  if (!rest.startsWith('/')) {
    // `mailto:someone` has nothing but a scheme that could be asked for.
    return scheme === '' ? undefined : new Url(text, { scheme, host: '', path: '', query });
  }
  if (scheme === '' || !rest.startsWith('//')) return withPath(text, scheme, '', rest, query);
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const host = hostOf(authority);
  if (host === undefined) return undefined;
  return withPath(text, scheme, host, slash < 0 ? '' : rest.slice(slash), query);
}

function withPath(
  text: string,
  scheme: string,
  host: string,
  path: string,
  query: string,
): Url | undefined {
  if (unescapeBytes(path) === undefined) return undefined;
  return new Url(text, { scheme, host, path, query });
}

/** The host and port of `user:password@host:port`; undefined when they are none. */
function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !USER_INFO.test(authority.slice(0, at))) return undefined;
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) {
    const [, address, port] = IN_BRACKETS.exec(host) ?? [];
    return address === undefined || !OPTIONAL_PORT.test(port ?? '') ? undefined : host;
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !OPTIONAL_PORT.test(host.slice(colon))) return undefined;
  if (!HOST.test(host)) return undefined;
  return unescapeBytes(host)?.toString();
}

/** Undefined when a `%` is not followed by two hexadecimal digits. */
function unescapeBytes(text: string): Buffer | undefined {
  if (!text.includes('%')) return Buffer.from(text);
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const parts = text.split(/((?:%[0-9a-fA-F]{2})+)/);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part),
    ),
  );
}

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
