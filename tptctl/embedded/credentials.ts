import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HomePaths } from './home-paths.js';
import { readJsonFile, writeFileAtomically } from './json-file.js';

/** The bearer tokens of one embedded control plane, made once, kept in tokens.json. */
export interface Tokens {
  readonly admin: string;
  readonly reconcilers: string;
  readonly agent: string;
  readonly sandboxAdmin: string;
}

/** Files that the parts read their credentials from. Each has mode 0600. */
export interface CredentialFiles {
  /** Who may call the server: a list of `{token, user, groups}`. */
  readonly serverTokens: string;
  /** Who may call the sandbox: the same form. */
  readonly sandboxTokens: string;
  /** One bare token. */
  readonly reconcilersToken: string;
  readonly agentToken: string;
  readonly encryptionKey: string;
}

export interface Credentials {
  readonly tokens: Tokens;
  readonly files: CredentialFiles;
}

/** Reads the credentials, making whatever is missing; writes the files for the parts. Idempotent. */
export function ensureCredentials(paths: HomePaths): Credentials {
  const tokens = ensureTokens(paths);
  // Never made anew while it exists: whatever it has encrypted would be lost.
  if (!existsSync(paths.encryptionKey)) {
    writeFileAtomically(paths.encryptionKey, `${randomBytes(32).toString('base64')}\n`);
  }
  const files: CredentialFiles = {
    serverTokens: join(paths.runDir, 'server-tokens.json'),
    sandboxTokens: join(paths.runDir, 'sandbox-tokens.json'),
    reconcilersToken: join(paths.runDir, 'reconcilers.token'),
    agentToken: join(paths.runDir, 'agent.token'),
    encryptionKey: paths.encryptionKey,
  };
  writeFileAtomically(
    files.serverTokens,
    JSON.stringify([
      { token: tokens.admin, user: 'admin', groups: ['system:masters'] },
      {
        token: tokens.reconcilers,
        user: 'system:reconcilers',
        groups: ['threeport:reconcilers'],
      },
      { token: tokens.agent, user: 'system:agent:hosted', groups: ['threeport:agents'] },
    ]),
  );
  writeFileAtomically(
    files.sandboxTokens,
    JSON.stringify([
      { token: tokens.sandboxAdmin, user: 'sandbox-admin', groups: ['system:masters'] },
    ]),
  );
  writeFileAtomically(files.reconcilersToken, tokens.reconcilers);
  writeFileAtomically(files.agentToken, tokens.agent);
  return { tokens, files };
}

function ensureTokens(paths: HomePaths): Tokens {
  const names = ['admin', 'reconcilers', 'agent', 'sandboxAdmin'] as const;
  const existing = readJsonFile<Tokens>(
    paths.tokens,
    (value) => names.every((name) => typeof value[name] === 'string' && value[name].length >= 32),
    `remove ${paths.tokens}: new tokens are made, and written to ${paths.kubeconfig}`,
  );
  if (existing !== undefined) return existing;
  const token = (): string => randomBytes(32).toString('base64url');
  const tokens = { admin: token(), reconcilers: token(), agent: token(), sandboxAdmin: token() };
  writeFileAtomically(paths.tokens, `${JSON.stringify(tokens, null, 2)}\n`);
  return tokens;
}
