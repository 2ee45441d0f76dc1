import { hash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestUser } from '../request-user.js';
import type { Authenticator } from './authenticator.js';

/** One entry of a tokens file. */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Bearer tokens from a fixed list. Only digests are kept, and every one of them is compared in
 * constant time, so that the time of an answer says nothing about a token.
 */
export function createTokenAuthenticator(tokens: readonly StaticToken[]): Authenticator {
  const entries = tokens.map(({ token, user, groups }) => ({
    digest: digestOf(token),
    user: Object.freeze({ name: user, groups: Object.freeze([...groups, 'system:authenticated']) }),
  }));
  return {
    authenticate(headers: IncomingHttpHeaders): RequestUser | undefined {
      const token = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
      if (token === undefined) return undefined;
      const digest = digestOf(token);
      let found: RequestUser | undefined;
      for (const entry of entries) {
        if (timingSafeEqual(entry.digest, digest)) found = entry.user;
      }
      return found;
    },
  };
}

/**
 * Reads a tokens file: a JSON array of `{token, user, groups}`.
 *
 * @throws Error naming the file and what is wrong in it; no token is ever part of the message.
 */
export async function readTokensFile(path: string): Promise<readonly StaticToken[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`cannot read tokens file ${path}`, { cause });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The error quotes the text around the fault, which may be a token: it is no cause to keep.
    throw new Error(`tokens file ${path} is not JSON`);
  }
  if (!Array.isArray(parsed)) throw new Error(`tokens file ${path}: want an array`);
  return parsed.map((entry: unknown, index) => checkEntry(path, index, entry));
}

function checkEntry(path: string, index: number, entry: unknown): StaticToken {
  const { token, user, groups } = (entry ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || token.length < 16) {
    throw new Error(
      `tokens file ${path}, entry ${index}: token must be text of 16 characters or more`,
    );
  }
  if (typeof user !== 'string' || user === '') {
    throw new Error(`tokens file ${path}, entry ${index}: user must be a name`);
  }
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
    throw new Error(`tokens file ${path}, entry ${index}: groups must be an array of names`);
  }
  return { token, user, groups };
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
